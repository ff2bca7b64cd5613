using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using MsgNet.Testing;

namespace MsgNet.Tests.Hosting;

/// <summary>The message host as a part of an application on the generic host.</summary>
public sealed class HostingTests
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(20);

    [Fact]
    [Covers("API-131")]
    public async Task The_host_listens_from_start_to_stop()
    {
        using var application = Application(options => options.Listen.Add("/ip4/127.0.0.1/udp/0"));
        var host = application.Services.GetRequiredService<IMessageHost>();
        Assert.Empty(host.Addresses);
        await application.StartAsync().WaitAsync(Guard);
        Assert.Single(host.Addresses);
        await application.StopAsync().WaitAsync(Guard);
        Assert.Throws<ObjectDisposedException>(() => host.SetMessageHandler("/x", Ignore));
    }

    [Fact]
    [Covers("API-131")]
    [Covers("API-133")]
    public async Task Handlers_are_there_when_the_host_listens_and_may_need_it()
    {
        using var application = Application(
            options => options.Listen.Add("/ip4/127.0.0.1/udp/0"),
            services => services.AddSingleton<Greeter>(),
            builder => builder.AddMessageHandler("/greet/1", services =>
            {
                Assert.Empty(services.GetRequiredService<IMessageHost>().Addresses);
                return services.GetRequiredService<Greeter>().Handle;
            }));
        await application.StartAsync().WaitAsync(Guard);
        var host = application.Services.GetRequiredService<IMessageHost>();
        await using var client = await MessageHost.Start();
        client.Network.Peerstore.AddAddress(host.Id, host.Addresses[0]);
        var reply = await client.Request(host.Id, "/greet/1", "x"u8.ToArray()).AsTask().WaitAsync(Guard);
        Assert.Equal(host.Id.ToString(), System.Text.Encoding.ASCII.GetString(reply.Data.Span));
    }

    [Fact]
    [Covers("API-133")]
    public async Task A_stream_handler_is_made_when_the_application_starts()
    {
        var made = 0;
        using var application = Application(
            options => options.Listen.Add("/ip4/127.0.0.1/udp/0"),
            configureBuilder: builder => builder.AddMsp().AddStreamHandler("/echo/1", services =>
            {
                Assert.Empty(services.GetRequiredService<IMessageHost>().Addresses);
                made++;
                return async (stream, _, cancellationToken) => await stream.CopyToAsync(stream, cancellationToken);
            }));
        Assert.Equal(0, made);
        await application.StartAsync().WaitAsync(Guard);
        var host = application.Services.GetRequiredService<IMessageHost>();
        await using var client = await MessageHost.Start();
        client.Network.Peerstore.AddAddress(host.Id, host.Addresses[0]);

        await using var stream = (MessageStream)await client.OpenStream(host.Id, "/echo/1").AsTask().WaitAsync(Guard);
        await stream.WriteAsync("hello"u8.ToArray());
        stream.CompleteWrites();
        using var reader = new StreamReader(stream);
        Assert.Equal("hello", await reader.ReadToEndAsync().WaitAsync(Guard));
        Assert.Equal(1, made);
    }

    [Fact]
    [Covers("API-133")]
    public void A_second_handler_and_wrong_options_are_refused_at_once()
    {
        var builder = new ServiceCollection().AddMsgNet().AddMessageHandler("/x", _ => Ignore);
        Assert.Throws<ArgumentException>(() => builder.AddMessageHandler("/x", _ => Ignore));
        Assert.Throws<ArgumentException>(() => builder.AddMessageHandler(default, _ => Ignore));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => builder.AddMessageHandler("/y", _ => Ignore, new HandlerOptions { Concurrency = 0 }));
        Assert.Throws<ArgumentNullException>(() => builder.AddMessageHandler("/y", null!));
        Assert.Throws<ArgumentException>(() => builder.AddStreamHandler("/x", _ => (_, _, _) => ValueTask.CompletedTask));
        Assert.Throws<ArgumentException>(() => builder.AddStreamHandler(default, _ => (_, _, _) => ValueTask.CompletedTask));
        Assert.Throws<ArgumentNullException>(() => builder.AddStreamHandler("/y", null!));
    }

    [Fact]
    public void Saying_it_twice_starts_one_host()
    {
        var services = new ServiceCollection();
        services.AddMsgNet().AddHosting().AddHosting().AddMessageHandler("/x", _ => Ignore);
        services.AddMsgNet().AddHosting();
        Assert.Single(services, service => service.ServiceType == typeof(IHostedService));
    }

    [Fact]
    [Covers("API-132")]
    public async Task A_taken_port_fails_the_start_and_says_what_to_do()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)other.LocalEndPoint!).Port;
        using var application = Application(options => options.Listen.Add($"/ip4/127.0.0.1/udp/{port}"));
        var thrown = await Assert.ThrowsAsync<MsgNetException>(() => application.StartAsync().WaitAsync(Guard));
        Assert.Contains($"127.0.0.1:{port}", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("choose another port", thrown.Message, StringComparison.Ordinal);
        var host = application.Services.GetRequiredService<IMessageHost>();
        Assert.Throws<ObjectDisposedException>(() => host.SetMessageHandler("/x", Ignore));
    }

    [Fact]
    [Covers("API-132")]
    public async Task Wrong_options_fail_the_start_before_anything_else_runs()
    {
        var earlier = new Order();
        using var application = Application(
            options => options.PeersMax = 0,
            services => services.Insert(0, ServiceDescriptor.Singleton<IHostedService>(earlier)));
        var thrown = await Assert.ThrowsAsync<OptionsValidationException>(() => application.StartAsync().WaitAsync(Guard));
        Assert.Contains("PeersMax is 0: set it to", thrown.Message, StringComparison.Ordinal);
        Assert.False(earlier.WasStarted);
    }

    [Fact]
    [Covers("API-134")]
    public async Task Stopping_waits_for_running_handlers()
    {
        var entered = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        using var application = await StartedWith(entered, release);
        await entered.Task.WaitAsync(Guard);
        var stopping = application.StopAsync();
        Assert.False(stopping.IsCompleted);
        release.SetResult();
        await stopping.WaitAsync(Guard);
    }

    [Fact]
    [Covers("API-134")]
    public async Task The_shutdown_token_ends_the_draining_and_the_host_is_closed()
    {
        var entered = new TaskCompletionSource();
        using var application = await StartedWith(entered, new TaskCompletionSource());
        await entered.Task.WaitAsync(Guard);
        using var shutdown = new CancellationTokenSource();
        var stopping = application.StopAsync(shutdown.Token);
        Assert.False(stopping.IsCompleted);
        await shutdown.CancelAsync();

        // The drain alone would take a minute.
        await stopping.WaitAsync(Guard);
        var host = application.Services.GetRequiredService<IMessageHost>();
        Assert.Throws<ObjectDisposedException>(() => host.SetMessageHandler("/x", Ignore));
    }

    private static ValueTask Ignore(Message message, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>An application whose handler is in a call that ends with <paramref name="release"/>.</summary>
    private static async Task<IHost> StartedWith(TaskCompletionSource entered, TaskCompletionSource release)
    {
        var application = Application(
            options =>
            {
                options.Listen.Add("/ip4/127.0.0.1/udp/0");
                options.DrainTimeout = TimeSpan.FromMinutes(1);
            },
            configureBuilder: builder => builder.AddMessageHandler("/slow/1", _ => (_, _) =>
            {
                entered.TrySetResult();
                return new ValueTask(release.Task);
            }));
        await application.StartAsync().WaitAsync(Guard);
        var host = application.Services.GetRequiredService<IMessageHost>();
        await using var client = await MessageHost.Start();
        client.Network.Peerstore.AddAddress(host.Id, host.Addresses[0]);
        await client.SendMessage(host.Id, "/slow/1", "x"u8.ToArray()).AsTask().WaitAsync(Guard);
        return application;
    }

    private static IHost Application(
        Action<MsgNetOptions> configure,
        Action<IServiceCollection>? configureServices = null,
        Action<IMsgNetBuilder>? configureBuilder = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        var added = builder.Services.AddMsgNet(configure).AddUdp().AddHosting();
        configureServices?.Invoke(builder.Services);
        configureBuilder?.Invoke(added);
        return builder.Build();
    }

    private sealed class Greeter(IMessageHost host)
    {
        public ValueTask Handle(Message message, CancellationToken cancellationToken) =>
            message.Reply(System.Text.Encoding.ASCII.GetBytes(host.Id.ToString()), cancellationToken);
    }

    private sealed class Order : IHostedService
    {
        public bool WasStarted { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken)
        {
            WasStarted = true;
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

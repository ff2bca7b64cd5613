using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MsgNet.Messi.Tests.Proto;

namespace MsgNet.Messi.Tests;

/// <summary>Clients and servers in a container: made, set up, started and stopped with the application; options, logs, metrics.</summary>
public sealed class HostingTests
{
    [Fact]
    [Covers("API-191", "API-192", "API-194")]
    public async Task The_application_starts_and_stops_them_and_their_logs_and_metrics_go_where_its_go()
    {
        var logs = new Logs();
        var measured = new Dictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == MessiDiagnostics.MeterName && instrument.Meter.Scope is not null)
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            lock (measured)
                measured[instrument.Name] = measured.GetValueOrDefault(instrument.Name) + value;
        });
        listener.Start();

        var server = await Build(services => services
            .AddMessiServer<Chat>("tcp://127.0.0.1:0", options => options.ClientsMax = 5)
            .ConfigureMessi<ChatServer>((_, made) => made.OnConnectReq = (connection, _, _) => connection.Reply(new ConnectRsp())));
        await server.StartAsync();
        var address = server.Services.GetRequiredService<ChatServer>().Address!;
        var client = await Build(services => services.AddMessiClient<Chat>(address));
        await client.StartAsync();
        var chat = client.Services.GetRequiredService<ChatClient>();
        await chat.WaitForConnection().Soon();
        await chat.Connect(new ConnectReq()).Soon();

        await client.StopAsync();
        Assert.Equal(MessiClientState.Stopped, chat.State);
        await server.StopAsync();
        Assert.Null(server.Services.GetRequiredService<ChatServer>().Address);
        client.Dispose();
        server.Dispose();

        Assert.Superset(new HashSet<int> { 1, 2, 3, 4, 7, 8 }, logs.Ids);
        lock (measured)
        {
            Assert.Equal(0, measured["messi.connections"]);
            Assert.Equal(2, measured["messi.disconnects"]);
            Assert.Equal(4, measured["messi.messages"]);
            Assert.InRange(measured["messi.io"], 2 * (10 + 10), 2 * (10 + 10 + 16));
        }

        Task<IHost> Build(Action<IServiceCollection> add)
        {
            var builder = Host.CreateEmptyApplicationBuilder(null);
            builder.Logging.AddProvider(logs).SetMinimumLevel(LogLevel.Debug);
            builder.Services.AddMetrics();
            add(builder.Services);
            return Task.FromResult(builder.Build());
        }
    }

    [Fact]
    [Covers("API-193")]
    public async Task Wrong_options_fail_the_start_and_say_everything_that_is_wrong()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMessiServer<Chat>("tcp://127.0.0.1:0", options =>
        {
            options.ClientsMax = 0;
            options.SendQueueMax = 1;
        });
        using var host = builder.Build();
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Equal(2, exception.Failures.Count());
        Assert.Contains("ClientsMax is 0: set it to 1 to 1000000.", exception.Failures);

        var wrong = new MessiClientOptions
        {
            WireFormat = (MessiWireFormat)7,
            KeepAliveInterval = TimeSpan.Zero,
            ConnectTimeout = TimeSpan.FromDays(1),
            ReconnectDelay = TimeSpan.FromSeconds(9),
            ReconnectDelayMax = TimeSpan.FromSeconds(8),
            StopTimeout = TimeSpan.FromSeconds(-1),
            CallTimeout = TimeSpan.Zero,
            MessageSizeMax = 0,
            SendQueueMax = 0,
            ReceiveQueueMax = int.MaxValue,
            TimeProvider = null!,
        };
        Assert.Equal(10, Assert.Throws<OptionsValidationException>(() => new ChatClient("tcp://localhost:1", wrong)).Failures.Count());
        Assert.Throws<FormatException>(() => new ChatClient("tcp://localhost"));
    }

    [Fact]
    public async Task What_is_misused_says_what_to_do()
    {
        await using var client = new ChatClient("tcp://127.0.0.1:1");
        Assert.Throws<InvalidOperationException>(() => { _ = client.WaitForConnection(); });
        await client.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(client.Start);
        var server = new ChatServer("tcp://127.0.0.1:0");
        await server.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => server.Start().AsTask());
    }

    private sealed class Logs : ILoggerProvider, ILogger
    {
        private readonly HashSet<int> ids = [];

        public HashSet<int> Ids
        {
            get
            {
                lock (ids)
                    return [.. ids];
            }
        }

        public ILogger CreateLogger(string categoryName)
            => categoryName.StartsWith("MsgNet.Messi.", StringComparison.Ordinal)
                ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (ids)
                ids.Add(eventId.Id);
        }

        public void Dispose()
        {
        }
    }
}

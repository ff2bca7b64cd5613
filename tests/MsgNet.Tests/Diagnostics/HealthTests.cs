using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using MsgNet.Testing;

namespace MsgNet.Tests.Diagnostics;

public sealed class HealthTests
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(20);

    [Fact]
    [Covers("API-161")]
    public async Task Healthy_from_start_to_close()
    {
        await using var services = Services(hosted: false);
        var host = services.GetRequiredService<MessageHost>();
        var report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync().WaitAsync(Guard);
        Assert.Equal(HealthStatus.Healthy, report.Entries["msgnet"].Status);
        Assert.Equal("Listens; 0 peers.", report.Entries["msgnet"].Description);

        // What asks a receive thread for a sign of life is no traffic.
        Assert.Equal((0, 0), (host.Diagnostics.Readings!.Dropped, host.Diagnostics.Readings.Handled));
        await host.DisposeAsync();
        report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync().WaitAsync(Guard);
        Assert.Equal(HealthStatus.Unhealthy, report.Entries["msgnet"].Status);
        Assert.Equal("The message host is closed.", report.Entries["msgnet"].Description);
    }

    [Fact]
    [Covers("API-161")]
    public async Task Not_listening_is_unhealthy()
    {
        await using var services = Services(hosted: true);
        var result = await Check(services.GetRequiredService<MsgNetHealthCheck>());
        Assert.Equal(HealthStatus.Unhealthy, result.Status);
        Assert.Contains("does not listen", result.Description, StringComparison.Ordinal);
    }

    [Fact]
    [Covers("API-162")]
    public async Task A_receive_thread_that_hangs_is_unhealthy()
    {
        await using var services = Services(hosted: false);
        var host = services.GetRequiredService<MessageHost>();
        using var entered = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        host.SetMessageHandler(
            "/hang/1",
            (_, _) =>
            {
                entered.Set();
                release.Wait(CancellationToken.None);
                return ValueTask.CompletedTask;
            },
            new HandlerOptions { Inline = true });
        var check = new MsgNetHealthCheck(host, services.GetRequiredService<IOptions<MsgNetOptions>>(), TimeSpan.FromMilliseconds(200));
        await using var client = await MessageHost.Start();
        client.Network.Peerstore.AddAddress(host.Id, host.Addresses[0]);
        await client.SendMessage(host.Id, "/hang/1", "x"u8.ToArray());
        Assert.True(entered.Wait(Guard));
        var result = await Check(check);
        Assert.Equal(HealthStatus.Unhealthy, result.Status);
        Assert.Contains("does not receive", result.Description, StringComparison.Ordinal);
        release.Set();
        Assert.Equal(HealthStatus.Healthy, (await Check(services.GetRequiredService<MsgNetHealthCheck>())).Status);
    }

    [Fact]
    [Covers("API-162")]
    public async Task A_lock_that_is_held_is_unhealthy()
    {
        await using var services = Services(hosted: false);
        var host = services.GetRequiredService<MessageHost>();
        var gate = new Gate();
        var probe = new HealthProbe(host.Diagnostics.Platform, gate, TimeSpan.FromMilliseconds(200));
        Assert.Null(await probe.FindFault([], CancellationToken.None));
        Task<string?> finding;
        using var held = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var holder = new Thread(() =>
        {
            using (gate.Enter())
            {
                held.Set();
                release.Wait();
            }
        });
        holder.Start();
        held.Wait();
        finding = probe.FindFault([], CancellationToken.None);
        var fault = await finding.WaitAsync(Guard);
        release.Set();
        holder.Join();
        Assert.StartsWith("the timer thread does not come round", fault, StringComparison.Ordinal);
    }

    [Fact]
    [Covers("API-163")]
    public async Task Many_drops_degrade_until_they_end()
    {
        await using var services = Services(hosted: false);
        var host = services.GetRequiredService<MessageHost>();
        var check = services.GetRequiredService<MsgNetHealthCheck>();
        Assert.Equal(HealthStatus.Healthy, (await Check(check)).Status);
        Assert.True(host.Addresses[0].TryGetUdpEndPoint(out var ip, out var port));
        using var garbage = new UdpClient();
        var deadline = DateTime.UtcNow + Guard;
        while (host.Diagnostics.Readings!.Dropped < MsgNetHealthCheck.DropsMin && DateTime.UtcNow < deadline)
            garbage.Send([1, 2, 3], new System.Net.IPEndPoint(ip, port));
        var result = await Check(check);
        Assert.Equal(HealthStatus.Degraded, result.Status);

        // What was still on its way counts for the next check, so that the last is without.
        await Check(check);
        Assert.Equal(HealthStatus.Healthy, (await Check(check)).Status);
    }

    [Fact]
    [Covers("API-163")]
    public async Task Drops_below_a_tenth_are_healthy()
    {
        await using var services = Services(hosted: false);
        var host = services.GetRequiredService<MessageHost>();
        await using var client = await MessageHost.Start();
        client.Network.Peerstore.AddAddress(host.Id, host.Addresses[0]);
        for (var i = 0; i < 2_000; i++)
            await client.Request(host.Id, MessageHost.PingProtocol, "x"u8.ToArray()).AsTask().WaitAsync(Guard);
        Assert.True(host.Addresses[0].TryGetUdpEndPoint(out var ip, out var port));
        using var garbage = new UdpClient();
        var deadline = DateTime.UtcNow + Guard;
        var before = host.Diagnostics.Readings!.Dropped;
        for (var i = 0; i < MsgNetHealthCheck.DropsMin; i++)
        {
            garbage.Send([1, 2, 3], new System.Net.IPEndPoint(ip, port));
            while (host.Diagnostics.Readings.Dropped <= before + i && DateTime.UtcNow < deadline)
                await Task.Yield();
        }

        Assert.True(host.Diagnostics.Readings.Dropped - before >= MsgNetHealthCheck.DropsMin);
        Assert.Equal(HealthStatus.Healthy, (await Check(services.GetRequiredService<MsgNetHealthCheck>())).Status);
    }

    private static Task<HealthCheckResult> Check(MsgNetHealthCheck check) =>
        check.CheckHealthAsync(new HealthCheckContext(), CancellationToken.None).WaitAsync(Guard);

    private static ServiceProvider Services(bool hosted)
    {
        var services = new ServiceCollection().AddLogging();
        var builder = services.AddMsgNet(options => options.Listen.Add("/ip4/127.0.0.1/udp/0"));
        if (hosted)
            builder.AddHosting();
        services.AddHealthChecks().AddMsgNet();
        return services.BuildServiceProvider();
    }
}

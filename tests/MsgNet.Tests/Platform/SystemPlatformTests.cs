using System.Net;
using MsgNet.Platform;

namespace MsgNet.Tests.Platform;

public class SystemPlatformTests
{
    [Fact]
    public void The_clock_runs_forward_from_a_wall_clock_of_this_century()
    {
        var platform = SystemPlatform.Instance;
        var first = platform.Now;
        var second = platform.Now;
        Assert.True(first >= MsgNet.Core.Instant.Zero);
        Assert.True(second >= first);

        var wall = DateTime.UnixEpoch.AddMicroseconds(platform.UnixMicrosecondsAtZero + platform.Now.Microseconds);
        Assert.InRange(wall, DateTime.UtcNow.AddMinutes(-1), DateTime.UtcNow.AddMinutes(1));
        Assert.Equal(platform.UnixMicrosecondsAtZero, platform.UnixMicrosecondsAtZero);
    }

    [Fact]
    public void Local_addresses_hold_loopback_and_nothing_link_local()
    {
        var addresses = SystemPlatform.Instance.LocalAddresses;
        Assert.Contains(IPAddress.Loopback, addresses);
        Assert.DoesNotContain(addresses, address => address.IsIPv6LinkLocal);
        Assert.Equal(addresses.Distinct().Count(), addresses.Count);
    }

    [Fact]
    public async Task Names_resolve_and_unknown_names_give_nothing()
    {
        var platform = SystemPlatform.Instance;
        Assert.Contains(await platform.ResolveName("localhost", default), IPAddress.IsLoopback);
        Assert.Empty(await platform.ResolveName("no-such-name.invalid", default));
    }

    [Fact]
    public void Posted_work_runs_on_the_pool()
    {
        using var work = new Work();
        SystemPlatform.Instance.Scheduler.Post(work);
        Assert.True(work.Done.Wait(TimeSpan.FromSeconds(10)));
        Assert.True(work.OnPool);
    }

    [Fact]
    public void Random_bytes_differ()
    {
        var a = new byte[32];
        var b = new byte[32];
        SystemPlatform.Instance.Random.Fill(a);
        SystemPlatform.Instance.Random.Fill(b);
        Assert.NotEqual(a, b);
    }

    private sealed class Work : IThreadPoolWorkItem, IDisposable
    {
        public ManualResetEventSlim Done { get; } = new();

        public bool OnPool { get; private set; }

        public void Execute()
        {
            OnPool = Thread.CurrentThread.IsThreadPoolThread;
            Done.Set();
        }

        public void Dispose() => Done.Dispose();
    }
}

using System.Net;
using System.Net.Sockets;
using MsgNet.Platform;
using MsgNet.Testing;

namespace MsgNet.Tests.Platform;

[Covers("API-102")]
public class UdpPortAllocationTests
{
    private const int Warmup = 2_000;
    private const int Measured = 10_000;
    private const int AttemptsMax = 3;

    [SkippableTheory]
    [PortWays]
    public void Neither_direction_allocates_per_datagram_over_IPv4(PortWay way) => Measure(way, IPAddress.Loopback, segments: 1);

    [SkippableTheory]
    [PortWays]
    public void Neither_direction_allocates_for_a_run(PortWay way) => Measure(way, IPAddress.Loopback, segments: 8);

    [SkippableTheory]
    [PortWays]
    public void Neither_direction_allocates_per_datagram_over_IPv6(PortWay way)
    {
        Skip.IfNot(Socket.OSSupportsIPv6, "needs ipv6");
        Measure(way, IPAddress.IPv6Loopback, segments: 1);
    }

    // A true excess repeats itself; what the runtime does once on one of the threads does not.
    private static void Measure(PortWay way, IPAddress address, int segments)
    {
        var least = (Sent: long.MaxValue, Received: long.MaxValue);
        for (var attempt = 0; attempt < AttemptsMax && least != (0, 0); attempt++)
        {
            var (sent, received) = AllocatedBytes(way, address, segments);
            least = (Math.Min(least.Sent, sent), Math.Min(least.Received, received));
        }

        Assert.Equal((0, 0), least);
    }

    private static (long Sent, long Received) AllocatedBytes(PortWay way, IPAddress address, int segments)
    {
        using var a = way.Open(address, 0, 0);
        using var b = way.Open(address, 0, 1);
        using var arrived = new SemaphoreSlim(0);
        var receiver = new AllocationReceiver(arrived, segments);
        b.Start(receiver);
        var run = new byte[1200 * segments];

        // One in flight at a time: none is lost, so the count is exact.
        var sent = 0L;
        for (var i = 0; i < Warmup + Measured; i++)
        {
            if (i == Warmup)
                receiver.Begin();
            var before = GC.GetAllocatedBytesForCurrentThread();
            a.Send(b.Local, run, 1200);
            sent += i >= Warmup ? GC.GetAllocatedBytesForCurrentThread() - before : 0;
            Assert.True(arrived.Wait(TimeSpan.FromSeconds(10)));
        }

        Assert.InRange(receiver.CallsMeasured, Measured - 1, Measured * segments);
        return (sent, receiver.AllocatedBytes);
    }

    /// <summary>Sums what its thread allocated between the end of one call and the start of the next.</summary>
    private sealed class AllocationReceiver(SemaphoreSlim arrived, int segments) : IDatagramReceiver
    {
        private long before = -1;
        private bool measuring;
        private int taken;

        public int CallsMeasured { get; private set; }

        public long AllocatedBytes { get; private set; }

        public void Begin() => Volatile.Write(ref measuring, true);

        public void OnDatagrams(ReadOnlySpan<ReceivedRun> runs)
        {
            var now = GC.GetAllocatedBytesForCurrentThread();
            if (Volatile.Read(ref measuring))
            {
                if (before >= 0)
                {
                    AllocatedBytes += now - before;
                    CallsMeasured++;
                }

                Count(runs);
                before = GC.GetAllocatedBytesForCurrentThread();
                return;
            }

            Count(runs);
        }

        private void Count(ReadOnlySpan<ReceivedRun> runs)
        {
            foreach (ref readonly var run in runs)
                taken += run.Datagrams.Length / 1200;
            if (taken < segments)
                return;

            taken = 0;
            arrived.Release();
        }
    }
}

using System.Net;
using System.Net.Sockets;
using MsgNet.Core;
using MsgNet.Platform;
using MsgNet.Testing;

namespace MsgNet.Tests.Platform;

/// <summary>How a port's thread looks for datagrams before it blocks, by a clock that stands still until it is told.</summary>
[Covers("API-230")]
public sealed class UdpPortSpinTests
{
    private static readonly TimeSpan Spin = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(20);
    private readonly StandingClock clock = new();
    private readonly DatagramCollector collector = new();
    private readonly Asked io = new();

    [SkippableTheory]
    [PortWays]
    public void While_its_time_lasts_it_looks_and_never_blocks(PortWay way)
    {
        using var sender = way.Open(IPAddress.Loopback, 0, 0);
        using var port = Open(way, Spin);
        for (byte i = 0; i < 5; i++)
        {
            var looks = io.Looks;
            Await(() => io.Looks > looks + 3);
            Send(sender, port, i);
        }

        Assert.Equal(0, io.Waits);
    }

    [SkippableTheory]
    [PortWays]
    public void After_every_fourth_look_that_finds_nothing_it_gives_way(PortWay way)
    {
        using var port = Open(way, Spin);
        Await(() => io.Looks > 40);
        var looksBefore = io.Looks;
        var waysGiven = io.WaysGiven;
        Assert.InRange(waysGiven, (looksBefore / 4) - 1, io.Looks / 4);
    }

    [SkippableTheory]
    [PortWays]
    public void A_closed_port_looks_no_more(PortWay way)
    {
        var port = Open(way, Spin);
        Await(() => io.Looks > 3);

        // Its time is never over: it ends because the port does, and this call waits for that.
        port.Dispose();
        Assert.Equal(0, io.Waits);
        Assert.True(io.IsDisposed);
    }

    [SkippableTheory]
    [PortWays]
    public void After_two_long_waits_in_a_row_it_blocks_at_once_until_one_is_short(PortWay way)
    {
        using var sender = way.Open(IPAddress.Loopback, 0, 0);
        using var port = Open(way, Spin);
        WaitLong(1, looks: true);
        Send(sender, port, 1);
        WaitLong(2, looks: true);
        Send(sender, port, 2);

        Await(() => io.Waits == 3); // its time is not over
        Send(sender, port, 3);
        WaitLong(4, looks: true);
        Send(sender, port, 4);
        var looks = io.Looks;
        Await(() => io.Looks > looks + 3);
        Send(sender, port, 5);
        WaitLong(5, looks: true);
        Send(sender, port, 6);
        WaitLong(6, looks: true);
        Send(sender, port, 7);

        looks = io.Looks;
        for (byte i = 7; i < 12; i++)
        {
            WaitLong(i, looks: false);
            Send(sender, port, i);
        }

        Assert.InRange(io.Looks - looks, 0, 6); // what may stand behind a datagram is looked for
    }

    [SkippableTheory]
    [PortWays]
    public void A_thread_that_blocks_looks_again_when_it_has_credit_for_two_waits(PortWay way)
    {
        using var sender = way.Open(IPAddress.Loopback, 0, 0);
        using var port = Open(way, Spin);
        WaitLong(1, looks: true);
        Send(sender, port, 1);
        WaitLong(2, looks: true);
        Send(sender, port, 2);

        Await(() => io.Waits == 3);
        clock.Advance(60 * Spin);
        Send(sender, port, 3);
        WaitLong(4, looks: false); // the last was longer than any credit
        Send(sender, port, 4);
        for (byte i = 5; i < 7; i++)
        {
            WaitLong(i, looks: true, spins: 4);
            Send(sender, port, i);
        }

        WaitLong(7, looks: false);
        Send(sender, port, 7);
    }

    [SkippableTheory]
    [PortWays]
    public void Without_it_the_thread_blocks_at_once(PortWay way)
    {
        using var port = Open(way, TimeSpan.Zero);
        Await(() => io.Waits == 1);
        Assert.Equal(0, io.Looks);
    }

    private void WaitLong(int waits, bool looks, int spins = 1)
    {
        var before = io.Looks;
        Await(() => looks ? io.Looks > before + 3 : io.Waits == waits);
        clock.Advance(spins * Spin);
        Await(() => io.Waits == waits);
    }

    private void Send(UdpPort sender, UdpPort port, byte number)
    {
        sender.Send(port.Local, [number]);
        Assert.Equal([number], collector.Take().Data);
    }

    private static void Await(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, Guard));

    private UdpPort Open(PortWay way, TimeSpan spin)
    {
        var port = UdpPort.Open(
            IPAddress.Loopback,
            0,
            1,
            (socket, number) => new WatchedIo(way.OpenIo(socket, number, Limits.DatagramReceiveMax), io),
            new DatagramPortSettings { ReceiveSpin = spin },
            clock);
        port.Start(collector);
        return port;
    }

    /// <summary>How a port asked for datagrams.</summary>
    private sealed class Asked
    {
        private int looks;
        private int waits;
        private int waysGiven;

        public int Looks => Volatile.Read(ref looks);

        public int Waits => Volatile.Read(ref waits);

        public int WaysGiven => Volatile.Read(ref waysGiven);

        public bool IsDisposed { get; set; }

        public void Count(bool wait) => Interlocked.Increment(ref wait ? ref waits : ref looks);

        public void CountWay() => Interlocked.Increment(ref waysGiven);
    }

    private sealed class WatchedIo(IDatagramIo inner, Asked asked) : IDatagramIo
    {
        public bool MayHoldMore => inner.MayHoldMore;

        public int Send(in NetAddress to, ReadOnlySpan<byte> datagrams, int segmentSize) => inner.Send(to, datagrams, segmentSize);

        public ReadOnlySpan<ReceivedRun> Receive(bool wait, out SocketError error)
        {
            asked.Count(wait);
            return inner.Receive(wait, out error);
        }

        public void GiveWay()
        {
            asked.CountWay();
            inner.GiveWay();
        }

        public void Dispose()
        {
            asked.IsDisposed = true;
            inner.Dispose();
        }
    }

    private sealed class StandingClock : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Volatile.Read(ref ticks);

        public void Advance(TimeSpan by) => Interlocked.Add(ref ticks, by.Ticks);
    }
}

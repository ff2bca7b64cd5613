using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>After CLOSE the keys only repeat it, for a little while.</summary>
public class DrainingTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public DrainingTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
        network.Connect(a, b);
    }

    [Fact]
    [Covers("SEC-086", "SEC-084")]
    public void A_peer_that_missed_the_CLOSE_gets_it_again_when_it_sends_and_at_most_once_a_second()
    {
        var session = b.Peer(a).Sessions.Current!;
        Close();
        for (var i = 0; i < 20; i++)
            a.Send(b, "/chat", "late");
        network.RunUntil(() => a.Count(NodeEventKind.PeerLost) == 1, seconds: 1);
        Assert.Equal(PeerLoss.ClosedByPeer, a.Log[^1].Loss);
        Assert.Empty(b.Texts);
        var closes = network.Flights.Where(flight => flight.From == b.Address && flight.Has(FrameType.Close)).ToArray();
        Assert.Equal(2, closes.Length);
        Assert.All(closes, flight => Assert.Single(flight.FrameList()));
        Assert.All(closes, flight => Assert.Equal([0, 1], flight.FrameList()[0].Body));
        network.Run(2);
        Assert.True(session.IsDisposed);
        Assert.Equal(0, b.Machine.Draining.Count);
        Assert.True(b.Machine.NextTimer.IsNever);
    }

    [Fact]
    [Covers("SEC-086")]
    public void Replays_forgeries_and_a_CLOSE_get_no_answer()
    {
        a.Send(b, "/chat", "before");
        var recorded = network.Flights[^1].Datagram;
        network.Run(0.1);
        Close();
        var before = network.Flights.Count;
        network.Inject(a.Address, b.Address, recorded);
        var forged = (byte[])recorded.Clone();
        forged[9] = 1;
        network.Inject(a.Address, b.Address, forged);
        a.Close(b, CloseCode.Done);
        network.Run(0.02);
        Assert.Equal(before + 1, network.Flights.Count);
        Assert.Equal(0, b.Machine.Draining.Count);
    }

    [Fact]
    [Covers("SEC-086", "SEC-084")]
    public void Keys_are_wiped_after_3_PTO()
    {
        a.Send(b, "/chat", "x");
        b.Send(a, "/chat", "y");
        network.Run(1);
        var session = b.Peer(a).Sessions.Current!;
        var timeout = session.Path.Recovery.ProbeTimeout.TotalSeconds;
        Close();
        network.Run((3 * timeout) - 0.002);
        Assert.False(session.IsDisposed);
        network.Run(0.004);
        Assert.True(session.IsDisposed);
    }

    [Fact]
    [Covers("SEC-086")]
    public void A_peer_can_be_dialled_anew_while_its_former_session_drains()
    {
        Close();
        Assert.Equal(1, b.Machine.Draining.Count);
        b.Dial(a);
        b.Send(a, "/chat", "again");
        network.Run(0.1);
        Assert.Equal(["again"], a.Texts);
        Assert.True(b.Peer(a).IsReady);
        a.Send(b, "/chat", "and back");
        network.Run(2);
        Assert.Equal(["and back"], b.Texts);
        Assert.Equal(0, b.Machine.Draining.Count);
        Assert.True(b.Peer(a).IsReady);
    }

    [Fact]
    [Covers("SEC-086")]
    public void A_peer_that_goes_on_and_on_gets_a_CLOSE_each_second_until_the_keys_are_wiped()
    {
        // A long way, so that 3 PTO are several seconds.
        var far = new NodeNetwork(2) { OnSend = flight => flight.ExtraDelay = TimeSpan.FromMilliseconds(500) };
        var c = far.Add("/chat");
        var d = far.Add("/chat");
        far.Connect(c, d);
        c.Send(d, "/chat", "x");
        d.Send(c, "/chat", "y");
        far.Run(3);
        var session = d.Peer(c).Sessions.Current!;
        Assert.InRange(session.Path.Recovery.ProbeTimeout.TotalSeconds, 1.1, 5);
        var goesOn = c.Peer(d).Sessions.Current!;
        var end = far.Now + (3 * session.Path.Recovery.ProbeTimeout);
        far.OnSend = flight => flight.IsLost = true;
        d.Close(c, CloseCode.Done);
        var first = far.Flights.Count;
        while (far.Now < end)
        {
            var late = new byte[Limits.SealOverhead];
            DataHeader.Write(late, ChannelMessageType.Data, goesOn.RemoteIndex);
            goesOn.Keys.Sealing.Seal(late, 0);
            far.Inject(c.Address, d.Address, late);
            far.Run(0.1);
        }

        var closes = far.Flights.Skip(first).Where(flight => flight.From == d.Address && flight.Has(FrameType.Close)).ToArray();
        Assert.True(closes.Length >= 3);
        for (var i = 1; i < closes.Length; i++)
            Assert.InRange((closes[i].SentAt - closes[i - 1].SentAt).TotalSeconds, 1, 1.1);
        Assert.True(session.IsDisposed);
    }

    [Fact]
    [Covers("SEC-086")]
    public void At_most_1024_sessions_drain_and_the_one_nearest_its_end_gives_way()
    {
        using var door = new Door();
        var raws = new List<RawPeer>();
        while (raws.Count <= Limits.DrainingMax)
        {
            raws.Add(door.Confirmed(1 + raws.Count));
            if (raws.Count % 20 == 0)
                door.Pass(0.05);
        }

        foreach (var raw in raws)
            door.Close(raw, CloseCode.Done);
        Assert.Equal(Limits.DrainingMax, door.Node.Draining.Count);
        var before = door.Sent.Count;
        door.Throw(raws[^1].Address, raws[^1].Data([]));
        Assert.Equal(raws[^1].Address, Assert.Single(door.Sent.Skip(before)).To);
        var unknown = door.Counters.Dropped(DropReason.UnknownIndex);
        foreach (var raw in raws)
            door.Throw(raw.Address, raw.Data([]));
        Assert.Equal(unknown + 1, door.Counters.Dropped(DropReason.UnknownIndex));
        door.Pass(2);
        Assert.Equal(0, door.Node.Draining.Count);
    }

    // The peer does not get it.
    private void Close()
    {
        network.OnSend = flight => flight.IsLost = true;
        b.Close(a, CloseCode.HostClosing);
        network.OnSend = null;
    }
}

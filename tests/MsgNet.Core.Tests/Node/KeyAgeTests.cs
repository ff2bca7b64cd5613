using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>Keys in use are replaced in time, keys of age are refused, and nobody notices.</summary>
public class KeyAgeTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public KeyAgeTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
    }

    [Fact]
    [Covers("SEC-079", "SEC-103", "SEC-077")]
    public void The_initiator_makes_new_keys_when_it_sends_at_120_s_and_not_before()
    {
        network.Connect(a, b);
        var former = a.Peer(b).Sessions.Current!;
        var incarnation = a.Peer(b).Association!.LocalIncarnation;
        network.Run((former.CreatedAt - network.Now).TotalSeconds + 119.5);
        a.Send(b, "/chat", "one");
        network.Run(0.4);
        Assert.Equal(1, a.Machine.Counters.HellosSent);
        network.Run(0.2);
        a.Send(b, "/chat", "two");
        a.Send(b, "/chat", "three");
        network.Run(0.1);
        var hello = network.Flights.Last(flight => flight.Type == ChannelMessageType.Hello);
        Assert.Empty(hello.Frames);
        Assert.Equal(2, a.Machine.Counters.HellosSent + b.Machine.Counters.HellosSent);
        Assert.NotSame(former, a.Peer(b).Sessions.Current);
        Assert.Same(former, a.Peer(b).Sessions.Previous);
        Assert.True(b.Peer(a).Sessions.Current!.Keys.Binding.SequenceEqual(a.Peer(b).Sessions.Current!.Keys.Binding));
        Assert.Equal(["one", "two", "three"], b.Texts);
        Assert.Equal(incarnation, a.Peer(b).Association!.LocalIncarnation);
        Assert.DoesNotContain(a.Log.Concat(b.Log), happened => happened.Kind == NodeEventKind.PeerLost);
    }

    [Fact]
    [Covers("SEC-079")]
    public void Keys_that_nobody_uses_are_not_replaced_and_end_at_180_s()
    {
        network.Connect(a, b);
        var created = a.Peer(b).Sessions.Current!.CreatedAt;
        network.Run(110);
        a.Send(b, "/chat", "x");
        network.RunUntil(() => a.Count(NodeEventKind.PeerLost) == 1 && b.Count(NodeEventKind.PeerLost) == 1, seconds: 100);
        Assert.Equal(180, (network.Now - created).TotalSeconds, 0.05);
        Assert.Equal(PeerLoss.Expired, a.Log[^1].Loss);
        Assert.Equal(1, a.Machine.Counters.HellosSent + b.Machine.Counters.HellosSent);
    }

    [Fact]
    [Covers("SEC-079")]
    public void The_responder_makes_new_keys_from_165_s_on_and_the_initiator_then_does_not()
    {
        network.Connect(a, b);
        var former = b.Peer(a).Sessions.Current!;
        Assert.InRange((former.RekeyAt - former.CreatedAt).TotalSeconds, 165, 170);
        network.Run(171);
        b.Send(a, "/chat", "late");
        network.Run(1);
        Assert.Equal((1, 1), (a.Machine.Counters.HellosSent, b.Machine.Counters.HellosSent));
        Assert.True(b.Peer(a).Sessions.Current!.IsInitiator);
        Assert.Equal(["late"], a.Texts);
        network.Run(20);
        a.Send(b, "/chat", "after");
        network.Run(1);
        Assert.Equal(["after"], b.Texts);
    }

    [Fact]
    [Covers("SEC-079")]
    public void A_request_that_waits_keeps_the_channel_beyond_180_s()
    {
        network.Connect(a, b);
        b.OnRequest = _ => null;
        network.Run(100);
        b.Log.Clear();
        a.Request(b, "/chat", "slow", seconds: 400);
        network.Run(250);
        b.Reply(Assert.Single(b.Requests), ReplyStatus.Ok, "done"u8.ToArray());
        network.Run(1);
        Assert.Equal("done", Assert.Single(a.Replies).Text);
        Assert.Equal(0, a.Count(NodeEventKind.PeerLost));
    }

    [Fact]
    [Covers("SEC-079", "SEC-083")]
    public void Keys_are_refused_at_180_s_and_the_channel_is_lost_when_no_handshake_succeeds()
    {
        network.Connect(a, b);
        var session = a.Peer(b).Sessions.Current!;
        var created = session.CreatedAt;
        network.OnSend = flight => flight.IsLost = flight.Type == ChannelMessageType.Hello;
        for (var i = 0; i < 300 && a.Count(NodeEventKind.PeerLost) == 0; i++)
        {
            a.Send(b, "/chat", "x");
            network.Run(1);
        }

        var data = network.Flights.Last(flight => flight.From == a.Address && flight.Type == ChannelMessageType.Data);
        Assert.InRange((data.SentAt - created).TotalSeconds, 178, 180);
        Assert.True(session.IsDisposed);
        Assert.Equal(PeerLoss.TimedOut, Assert.Single(a.Log, happened => happened.Kind == NodeEventKind.PeerLost).Loss);
        Assert.InRange((network.Now - created).TotalSeconds, 180, 201);
        var before = b.Machine.Counters.Dropped(DropReason.UnknownIndex);
        network.Inject(a.Address, b.Address, data.Datagram);
        Assert.Equal(before + 1, b.Machine.Counters.Dropped(DropReason.UnknownIndex));
    }

    [Fact]
    [Covers("SEC-079")]
    public void A_receiver_refuses_keys_of_180_s_before_its_timer_wipes_them()
    {
        network.Connect(a, b);
        b.Send(a, "/chat", "x");
        network.Run(1);
        var session = b.Peer(a).Sessions.Current!;
        network.OnSend = flight => flight.IsLost = true;
        a.Send(b, "/chat", "withheld");
        var withheld = network.Flights[^1];
        session.MakeOlder(NodeTimings.KeysReject);
        network.Inject(a.Address, b.Address, withheld.Datagram);
        Assert.Empty(b.Texts);
        Assert.Equal(1, b.Machine.Counters.Dropped(DropReason.UnknownIndex));
    }

    [Fact]
    [Covers("SEC-079")]
    public void Keys_are_replaced_by_count_and_refused_by_count()
    {
        a.Settings = a.Settings with { RekeyAfterPackets = 50, PacketsMax = 60 };
        a.Start();
        network.Connect(a, b);
        for (var i = 0; i < 200; i++)
        {
            a.Send(b, "/chat", $"{i}");
            network.Run(0.05);
        }

        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}"), b.Texts);
        Assert.InRange(a.Machine.Counters.HellosSent, 4, 6);
        network.OnSend = flight => flight.IsLost = flight.Type == ChannelMessageType.Hello;
        for (var i = 0; i < 100; i++)
        {
            a.Send(b, "/chat", "more");
            network.Run(0.05);
        }

        Assert.All(network.Flights.Where(flight => flight.From == a.Address && flight.Type == ChannelMessageType.Data), flight =>
        {
            Assert.True(DataHeader.TryParse(flight.Datagram, out var header));
            Assert.True(header.Counter < 60);
        });
    }

    [Fact]
    [Covers("SEC-078", "SEC-072")]
    public void What_the_old_keys_still_bring_is_taken_until_the_new_ones_have_counted_8128_packets()
    {
        network.Connect(a, b);
        a.Send(b, "/chat", "0");
        network.Run(1);
        var withheld = new List<Flight>();
        network.OnSend = flight =>
        {
            flight.IsLost = flight.From == a.Address && flight.Type == ChannelMessageType.Data;
            if (flight.IsLost && flight.Has(FrameType.Continuation))
                withheld.Add(flight);
        };
        a.Send(b, "/chat", "late");
        a.Send(b, "/chat", "too late");
        network.OnSend = null;
        var former = b.Peer(a).Sessions.Current!;
        var peer = a.Peer(b);
        a.Machine.StartRevival(network.Now, peer, peer.Sessions.Current!, TimeSpan.FromSeconds(5));
        a.Write();
        network.Run(1);
        var current = b.Peer(a).Sessions.Current!;
        Assert.NotSame(former, current);
        Advance(to: 8_128);
        network.Inject(a.Address, b.Address, withheld[0].Datagram);
        Assert.Equal("late", b.Texts.Last());
        Assert.Same(former, b.Peer(a).Sessions.Previous);

        // From the first packet that could be behind the last one taken under the old keys: 2 × 8,128 apart, and never more.
        Advance(to: 8_129);
        Assert.Null(b.Peer(a).Sessions.Previous);
        Assert.True(former.IsDisposed);
        network.Inject(a.Address, b.Address, withheld[1].Datagram);
        Assert.DoesNotContain("too late", b.Texts);

        void Advance(ulong to)
        {
            var sealing = a.Peer(b).Sessions.Current!.Keys.Sealing;
            while (sealing.NextCounter < to)
                sealing.Take();
            var datagram = new byte[Limits.SealOverhead];
            DataHeader.Write(datagram, ChannelMessageType.Data, a.Peer(b).Sessions.Current!.RemoteIndex);
            sealing.Seal(datagram, 0);
            network.Inject(a.Address, b.Address, datagram);
            Assert.Equal(to, current.Replay.Highest);
        }
    }

    [Fact]
    [Covers("SEC-078")]
    public void Superseded_keys_are_wiped_at_180_s()
    {
        network.Connect(a, b);
        var former = a.Peer(b).Sessions.Current!;
        network.Run(125);
        a.Send(b, "/chat", "x");
        network.Run(1);
        Assert.Same(former, a.Peer(b).Sessions.Previous);
        network.Run(53);
        Assert.False(former.IsDisposed);
        network.Run(2);
        Assert.True(former.IsDisposed);
        Assert.Null(a.Peer(b).Sessions.Previous);
        Assert.True(a.Peer(b).IsReady);
    }

    [Theory]
    [InlineData(99, false)]
    [InlineData(100, true)]
    [Covers("SEC-080")]
    public void So_many_forgeries_close_the_session(int forgeries, bool closes)
    {
        a.Settings = a.Settings with { ForgeriesMax = 100 };
        a.Start();
        network.Connect(a, b);
        network.Run(1);
        var session = a.Peer(b).Sessions.Current!;
        for (var i = 0; i < forgeries; i++)
        {
            var forged = new byte[64];
            DataHeader.Write(forged, ChannelMessageType.Data, session.LocalIndex);
            forged[DataHeader.CounterOffset + 1] = 1;
            network.Inject(b.Address, a.Address, forged);
        }

        network.Run(1);
        Assert.Equal(closes, a.Log.Exists(happened => happened.Loss == PeerLoss.TooManyForgeries));
        Assert.Equal(closes, b.Log.Exists(happened => happened.Loss == PeerLoss.ClosedByPeer));
    }

    [Theory]
    [InlineData(59, 200, false)]
    [InlineData(171, 5, false)]
    [InlineData(171, 10, true)]
    [Covers("SEC-068", "SEC-079")]
    public void After_a_suspension_old_keys_are_replaced_before_anything_is_sent(int slept, int age, bool replaced)
    {
        network.Connect(a, b);
        network.Run(1);
        var session = a.Peer(b).Sessions.Current!;
        session.MakeOlder(TimeSpan.FromSeconds(age > 100 ? 100 : age - (network.Now - session.CreatedAt).TotalSeconds));
        var before = network.Flights.Count;
        a.Machine.NoteWallClock(network.Now, Wall(0));
        a.Machine.NoteWallClock(network.Now, Wall(slept));
        a.Send(b, "/chat", "awake");
        network.Run(1);
        Assert.Equal(["awake"], b.Texts);
        Assert.Equal(replaced, !network.Flights.Skip(before).Any(IsOfOldKeys));
        Assert.Equal(0, a.Count(NodeEventKind.PeerLost));

        bool IsOfOldKeys(Flight flight) =>
            flight.From == a.Address && DataHeader.TryParse(flight.Datagram, out var header) && header.Index == session.RemoteIndex;
    }

    private long Wall(int slept) => a.Settings.UnixMicrosecondsAtZero + network.Now.Microseconds + (slept * 1_000_000L);
}

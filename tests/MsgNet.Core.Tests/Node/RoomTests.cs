using System.Net;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>Who has a place in a full table, and how many from one address.</summary>
public class RoomTests
{
    private const int Max = 20;

    [Fact]
    [Covers("API-097")]
    public void Peers_without_a_session_give_way_the_least_recently_used_first()
    {
        using var door = new Door(peersMax: Max);
        var raws = Enumerable.Range(1, Max).Select(number => door.Peer(number)).ToArray();
        foreach (var raw in raws)
        {
            door.Now += TimeSpan.FromMilliseconds(10);
            Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw)));
        }

        // One is confirmed, one is used again: the second oldest and the third are the next to go.
        door.Confirm(raws[0]);
        door.Now += TimeSpan.FromMilliseconds(10);
        door.Deliver(raws[1], door.Hello(raws[1]));
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(ChannelMessageType.Ack, Knock(door, 100 + i));
            Assert.False(door.Node.TryFindPeer(raws[2 + i].Id, out _));
            Assert.True(door.Node.TryFindPeer(raws[3 + i].Id, out _));
            Assert.Equal(Max, door.Node.PeerCount);
        }

        Assert.True(door.Node.TryFindPeer(raws[0].Id, out var confirmed) && confirmed.IsReady);
        Assert.True(door.Node.TryFindPeer(raws[1].Id, out _));
        Assert.Equal(5, door.Counters.PeersEvicted);
    }

    [Fact]
    [Covers("API-097")]
    public void A_table_of_confirmed_peers_refuses_the_next_and_a_place_that_falls_free_is_given_again()
    {
        using var door = new Door(peersMax: Max);
        var confirmed = Enumerable.Range(1, Max).Select(number => door.Confirmed(number)).ToArray();
        Assert.Equal(ChannelMessageType.None, Knock(door, 100));
        Assert.Equal(1, door.Counters.Dropped(DropReason.TableFull));
        Assert.False(door.Node.TryGetPeer(door.Now, door.Peer(101).Id, out _));
        Assert.All(confirmed, raw => Assert.True(door.Node.TryFindPeer(raw.Id, out _)));
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(confirmed[3], door.Hello(confirmed[3])));

        door.Deliver(confirmed[5], confirmed[5].Data(RawPeer.Frames((ref WireWriter writer) =>
            FrameWriter.TryWriteClose(ref writer, CloseCode.Done, default))));
        Assert.Equal(ChannelMessageType.Ack, Knock(door, 102));
        Assert.Equal(Max, door.Node.PeerCount);
        Assert.Equal(0, door.Counters.PeersEvicted);
    }

    [Fact]
    [Covers("API-097", "SEC-035")]
    public void Peers_for_whom_something_waits_go_last_and_whoever_waits_is_told()
    {
        using var door = new Door(peersMax: 3);
        var dialled = Dialled(door, 1);
        Assert.Equal(
            SendStatus.Accepted,
            door.Node.TryRequest(door.Now, dialled, "/chat", "x"u8, "the request", door.Now + TimeSpan.FromSeconds(9), out _));
        door.Settle(default);
        door.Now += TimeSpan.FromMilliseconds(10);
        Knock(door, 2);
        Knock(door, 3);
        for (var i = 0; i < 5; i++)
        {
            door.Now += TimeSpan.FromMilliseconds(10);
            Assert.Equal(ChannelMessageType.Ack, Knock(door, 10 + i));
        }

        Assert.False(dialled.IsRemoved);
        Assert.Empty(door.Log);

        // Nobody is left for whom nothing waits: the oldest of the others goes.
        var second = Dialled(door, 20);
        door.Now += TimeSpan.FromMilliseconds(10);
        var third = Dialled(door, 21);
        Assert.Equal(3, door.Node.PeerCount);
        door.Now += TimeSpan.FromMilliseconds(10);
        Assert.True(door.Node.TryGetPeer(door.Now, door.Peer(22).Id, out _));
        door.Settle(default);
        Assert.True(dialled.IsRemoved);
        Assert.False(second.IsRemoved || third.IsRemoved);
        var failed = Assert.Single(door.Log, happened => happened.Kind == NodeEventKind.RequestFailed);
        Assert.Equal(("the request", PeerLoss.Evicted), (failed.State, failed.Loss));
        Assert.Single(door.Log, happened => happened.Kind == NodeEventKind.DialFailed);
    }

    [Fact]
    [Covers("API-097")]
    public void A_place_is_found_among_16384_in_the_time_it_takes_among_few()
    {
        using var door = new Door { Collects = false };
        for (var i = 0; i < Limits.PeersMax + 1_000; i++)
        {
            door.Now += TimeSpan.FromMilliseconds(1);
            Assert.True(door.Node.TryGetPeer(door.Now, door.Peer(i + 1).Id, out var peer));
            Assert.Equal(Math.Min(i + 1, Limits.PeersMax), door.Node.PeerCount);
        }

        Assert.Equal(1_000, door.Counters.PeersEvicted);
    }

    [Fact]
    [Covers("API-097")]
    public void The_65th_peer_of_an_address_is_not_answered()
    {
        using var door = new Door();
        var raws = new List<RawPeer>();
        for (var i = 0; i < Limits.PeersPerAddressMax; i++)
        {
            door.Now += TimeSpan.FromMilliseconds(10);
            raws.Add(door.Confirmed(i + 1, At(i)));
        }

        door.Now += TimeSpan.FromSeconds(1);
        var next = door.Peer(100, At(100));
        Assert.Equal(ChannelMessageType.None, door.Deliver(next, door.Hello(next, "x")));
        Assert.Equal(1, door.Counters.Dropped(DropReason.TooManyAtAddress));
        Assert.False(door.Node.TryFindPeer(next.Id, out _));
        Assert.Empty(door.Texts);

        // Those who are there go on as before, and other addresses are not concerned.
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raws[7], door.Hello(raws[7])));
        door.Confirmed(101, NetAddress.From(IPAddress.Parse("2001:db8:0:2::1"), 1, 0));
        door.Deliver(raws[9], raws[9].Data(RawPeer.Frames((ref WireWriter writer) =>
            FrameWriter.TryWriteClose(ref writer, CloseCode.Done, default))));
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(next, door.Hello(next)));
    }

    [Fact]
    [Covers("API-097")]
    public void Of_those_answered_before_the_address_was_full_the_65th_is_closed_with_3()
    {
        using var door = new Door();
        var raws = new List<RawPeer>();
        for (var i = 0; i < Limits.PeersPerAddressMax + 2; i++)
        {
            door.Now += TimeSpan.FromMilliseconds(10);
            var raw = door.Peer(i + 1, At(i));
            Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw)));
            raws.Add(raw);
        }

        foreach (var raw in raws)
            door.Confirm(raw);
        Assert.Equal(Limits.PeersPerAddressMax, door.Node.Peers.Count(peer => peer.IsReady));
        Assert.Equal(Limits.PeersPerAddressMax, door.Log.Count(happened => happened.Kind == NodeEventKind.PeerReady));
        Assert.Equal(2, door.Counters.Dropped(DropReason.TooManyAtAddress));
        foreach (var refused in raws[^2..])
        {
            var last = door.Sent.Last(sent => sent.To == refused.Address).Datagram;
            var (type, body) = Assert.Single(refused.Open(last));
            Assert.Equal((FrameType.Close, 3), (type, body[1]));
            Assert.False(door.Node.TryFindPeer(refused.Id, out _));
        }
    }

    [Fact]
    [Covers("API-097")]
    public void At_a_full_address_the_peer_that_was_silent_longest_gives_way_to_one_that_is_confirmed()
    {
        using var door = new Door();
        var raws = FillAddress(door);
        door.Pass(14);
        door.Deliver(raws[0], raws[0].Data([]));
        var early = door.Peer(100, At(100));
        Assert.Equal(ChannelMessageType.None, door.Deliver(early, door.Hello(early)));

        // Anybody can make up the source of a HELLO: nobody goes before an answer came from there.
        door.Pass(2);
        var next = door.Peer(101, At(101));
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(next, door.Hello(next)));
        Assert.All(raws, raw => Assert.True(door.Node.TryFindPeer(raw.Id, out _)));
        door.Confirm(next);
        Assert.True(door.Node.TryFindPeer(next.Id, out var peer) && peer.IsReady);
        Assert.Equal([raws[1].Id], raws.Select(raw => raw.Id).Where(id => !door.Node.TryFindPeer(id, out _)));
        var lost = Assert.Single(door.Log, happened => happened.Kind == NodeEventKind.PeerLost);
        Assert.Equal((raws[1].Id, PeerLoss.Evicted), (lost.Peer, lost.Loss));
        Assert.Equal(1, door.Counters.PeersEvicted);
        Assert.Equal(Limits.PeersPerAddressMax, door.Node.Peers.Count(here => here.IsReady));
    }

    [Fact]
    [Covers("API-097")]
    public void Whoever_is_waited_for_or_was_dialled_or_sent_to_stays()
    {
        using var door = new Door();
        var raws = FillAddress(door);
        door.Node.TryFindPeer(raws[0].Id, out var asked);
        door.Node.TryRequest(door.Now, asked!, "/chat", "x"u8, "r", door.Now + TimeSpan.FromSeconds(60), out _);
        door.Node.TryFindPeer(raws[1].Id, out var dialled);
        dialled!.DialAddresses = [raws[1].Address];
        door.Pass(16);
        door.Node.TryFindPeer(raws[2].Id, out var queued);
        Assert.True(queued!.GivesWay(door.Now));
        door.Node.TrySend(door.Now, queued, "/chat", "x"u8, allowEarly: true);
        Assert.False(queued.GivesWay(door.Now));
        door.Settle(default);
        foreach (var raw in raws.Skip(3))
        {
            // Those for whom nothing waits go one by one, and then nobody.
            door.Now += TimeSpan.FromMilliseconds(50);
            door.Settle(default);
            var guest = door.Confirmed(200 + raws.IndexOf(raw), At(200 + raws.IndexOf(raw)));
            Assert.Equal(raws.IndexOf(raw) - 2, raws.Count(other => !door.Node.TryFindPeer(other.Id, out _)));
            Assert.False(door.Node.TryFindPeer(raw.Id, out _));
            Assert.True(door.Node.TryFindPeer(guest.Id, out _));
        }

        var last = door.Peer(300, At(300));
        Assert.Equal(ChannelMessageType.None, door.Deliver(last, door.Hello(last)));
        Assert.False(asked!.IsRemoved || dialled.IsRemoved || queued.IsRemoved);
    }

    private static List<RawPeer> FillAddress(Door door)
    {
        var raws = new List<RawPeer>();
        for (var i = 0; i < Limits.PeersPerAddressMax; i++)
        {
            door.Now += TimeSpan.FromMilliseconds(10);
            raws.Add(door.Confirmed(i + 1, At(i)));
        }

        return raws;
    }

    // One /64, many interfaces.
    private static NetAddress At(int number) => NetAddress.From(IPAddress.Parse($"2001:db8:0:1::{number + 1:x}"), 4_000 + number, 0);

    private static ChannelMessageType Knock(Door door, int number)
    {
        var raw = door.Peer(number);
        return door.Deliver(raw, door.Hello(raw));
    }

    private static PeerChannel Dialled(Door door, int number)
    {
        var raw = door.Peer(number);
        Assert.True(door.Node.TryGetPeer(door.Now, raw.Id, out var peer));
        door.Node.Dial(door.Now, peer, [raw.Address], TimeSpan.FromSeconds(10));
        door.Settle(default);
        return peer;
    }
}

using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>What waits while the path is shut.</summary>
public class QueueTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public QueueTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
    }

    [Fact]
    [Covers("REC-064")]
    public void The_queue_takes_2048_messages_or_64_KiB_or_one_larger()
    {
        a.Dial(b);
        a.Write();
        Assert.Equal(Limits.QueueMessagesMax, Fill(1));
        network.Run(2);

        var c = network.Add("/chat");
        a.Dial(c);
        a.Write();
        Assert.Equal(63, Fill(1_024, c)); // each with a head of five bytes
        network.Run(2);

        var d = network.Add("/chat");
        a.Dial(d);
        a.Write();
        Assert.Equal(SendStatus.Accepted, a.Send(d, "/chat", new byte[65_535], allowEarly: false));
        Assert.Equal(SendStatus.Full, a.Send(d, "/chat", new byte[2]));
    }

    [Fact]
    [Covers("API-232")]
    public void Whether_more_waits_is_told_after_each_datagram()
    {
        network.Connect(a, b);
        network.Run(1);
        Assert.False(a.Machine.HasMoreToWrite);
        for (var i = 0; i < 3; i++)
        {
            var status = a.Machine.TrySend(network.Now, a.Peer(b), ProtocolId.FromString("/chat"), new byte[800], allowEarly: false);
            Assert.Equal(SendStatus.Accepted, status);
        }

        var told = new List<bool>();
        var writer = new DatagramWriter(new byte[Limits.DatagramSizeMax]);
        while (a.Machine.WriteDatagram(network.Now, ref writer))
        {
            told.Add(a.Machine.HasMoreToWrite);
            writer = new DatagramWriter(new byte[Limits.DatagramSizeMax]);
        }

        Assert.InRange(told.Count, 3, 4); // one more where the path's size is being searched for
        Assert.Equal([.. Enumerable.Repeat(true, told.Count - 1), false], told);
    }

    [Fact]
    [Covers("REC-064")]
    public void Room_is_announced_once_when_half_is_free_and_what_was_refused_fits()
    {
        network.Connect(a, b);
        network.Run(1);
        while (a.Send(b, "/chat", new byte[1_000]) == SendStatus.Accepted)
        {
        }

        Assert.Equal(SendStatus.Full, a.Send(b, "/chat", new byte[60_000]));
        Assert.Equal(0, a.Count(NodeEventKind.RoomAvailable));
        network.RunUntil(() => a.Count(NodeEventKind.RoomAvailable) > 0);
        Assert.Equal(SendStatus.Accepted, a.Send(b, "/chat", new byte[60_000]));
        network.Run(3);
        Assert.Equal(1, a.Count(NodeEventKind.RoomAvailable));
        Assert.Equal(60_000, b.Messages.Last().Data.Length);
    }

    [Fact]
    [Covers("REC-065")]
    public void A_message_waits_500_ms_on_an_open_path_and_as_long_as_a_handshake_runs()
    {
        network.OnSend = flight => flight.IsLost = network.Now < Instant.Zero + TimeSpan.FromSeconds(105);
        a.Dial(b, TimeSpan.FromSeconds(20));
        a.Send(b, "/chat", "early");
        a.Send(b, "/chat", new byte[1_100]);
        network.RunUntil(() => b.Messages.Count() == 2, seconds: 20);
        Assert.Equal(0, a.Machine.Counters.Dropped(DropReason.Stale));

        network.Run(1);
        network.OnSend = flight => flight.IsLost = true;
        for (var i = 0; i < 50; i++)
            a.Send(b, "/chat", new byte[1_100]);
        var waiting = a.Peer(b).Packer.Messages.Count;
        Assert.True(waiting > 0);
        network.Run(0.49);
        var sent = waiting - a.Peer(b).Packer.Messages.Count;
        network.Run(0.02);
        Assert.Equal(waiting - sent, a.Machine.Counters.Dropped(DropReason.Stale));
        Assert.True(a.Peer(b).IsDrained);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Covers("REC-071")]
    public void What_waits_for_a_lost_peer_is_counted_and_what_is_half_sent_in_pieces_with_it(bool restarts)
    {
        network.Connect(a, b);
        network.Run(1);
        network.OnSend = flight => flight.IsLost = true;
        a.Send(b, "/chat", new byte[60_000]);
        a.Send(b, "/chat", "behind it");
        var packer = a.Peer(b).Packer;
        Assert.Equal(1, packer.Messages.Count);
        Assert.Equal(0, a.Machine.Counters.Dropped(DropReason.PeerLost));
        if (restarts)
            packer.OnPeerRestarted();
        else
            a.Close(b, CloseCode.Done);
        Assert.Equal(restarts ? 1 : 2, a.Machine.Counters.Dropped(DropReason.PeerLost));
        Assert.Equal(restarts, packer.HasWork);
    }

    [Fact]
    [Covers("REC-052", "REC-053", "REC-060", "REC-035", "REC-038")]
    public void Unreliable_traffic_obeys_the_window_and_is_never_sent_again()
    {
        network.Connect(a, b);
        a.Send(b, "/chat", "name");
        network.Run(1);
        var path = a.Peer(b).Sessions.Current!.Path;
        var before = network.Flights.Count;
        network.OnSend = flight => flight.IsLost = true;
        for (var i = 0; i < 50; i++)
            a.Send(b, "/chat", new byte[1_100]);
        Assert.True(path.Recovery.BytesInFlight <= path.Recovery.CongestionWindow);
        Assert.InRange(network.Flights.Count - before, 4, 20);
        network.Run(5);
        Assert.Equal(0, path.Recovery.BytesInFlight);
        var messages = network.Flights.Skip(before).Sum(flight => flight.FrameList().Count(frame => frame.Type == FrameType.Continuation));
        Assert.Equal(50, messages + a.Machine.Counters.Dropped(DropReason.Stale));
    }

    [Fact]
    [Covers("REC-054", "REC-060")]
    public void Unreliable_traffic_is_paced()
    {
        network.Connect(a, b);
        a.Send(b, "/chat", "name");
        network.Run(1);
        var before = network.Flights.Count;
        for (var i = 0; i < 200; i++)
        {
            a.Send(b, "/chat", new byte[1_100]);
            network.Run(0.002);
        }

        network.Run(1);
        var sent = network.Flights.Skip(before).Where(flight => flight.From == a.Address);
        var atOnce = sent.GroupBy(flight => flight.SentAt).Max(group => group.Count());
        Assert.InRange(atOnce, 1, 10);
        Assert.Equal(201, b.Messages.Count());
    }

    private int Fill(int length, TestNode? to = null)
    {
        var accepted = 0;
        while (a.Send(to ?? b, "/chat", new byte[length], allowEarly: false) == SendStatus.Accepted)
            accepted++;
        return accepted;
    }
}

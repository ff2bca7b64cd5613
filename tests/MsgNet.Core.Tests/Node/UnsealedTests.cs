using System.Text;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>Datagrams that the driver seals itself, after the node has written them.</summary>
public sealed class UnsealedTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;
    private readonly TestNode c;
    private readonly UnsealedPackets unsealed = new();
    private readonly byte[] buffer = new byte[64 * 1024];
    private readonly List<(NetAddress To, Range Bytes)> written = [];
    private int end;

    public UnsealedTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
        c = network.Add("/chat");
        network.Connect(a, b);
        network.Connect(a, c);
        a.Send(b, "/chat", "known");
        a.Send(c, "/chat", "known");
        network.Run(seconds: 1);
    }

    [Fact]
    [Covers("API-234", "SEC-071")]
    public void What_is_sealed_later_is_what_would_have_been_sealed_at_once()
    {
        Queue(b, "one", 900);
        Queue(b, "two", 900);
        Queue(c, "three", 900);
        WriteAll();
        Assert.Equal(written.Count, unsealed.Count);
        var plain = Encoding.UTF8.GetString(buffer, 0, end);
        Assert.All((string[])["one...", "two...", "three..."], text => Assert.Contains(text, plain, StringComparison.Ordinal));

        unsealed.Seal(buffer);
        Assert.Equal(0, unsealed.Count);
        SendWritten();
        Assert.Equal(["known", "one", "two"], b.Texts.Select(text => text.TrimEnd('.')));
        Assert.Equal(["known", "three"], c.Texts.Select(text => text.TrimEnd('.')));
    }

    [Fact]
    [Covers("API-234")]
    public void Keys_that_are_dropped_meanwhile_still_seal_what_was_written()
    {
        Queue(b, "last words", 10);
        WriteAll();
        a.Machine.Close(network.Now, a.Peer(b), CloseCode.Done, new NodeEvents());
        WriteAll();
        Assert.False(a.Machine.TryFindPeer(b.Id, out _));
        Assert.Equal(2, unsealed.Count);

        // A minute on the closed session's keys are gone; what stands here may still leave.
        network.Run(seconds: 60);
        unsealed.Seal(buffer);
        SendWritten();
        Assert.Equal(["known", "last words"], b.Texts.Select(text => text.TrimEnd('.')));
        Assert.Equal(PeerLoss.ClosedByPeer, b.Log.Single(happened => happened.Kind == NodeEventKind.PeerLost).Loss);
    }

    [Fact]
    [Covers("API-234")]
    public void Nothing_is_written_to_a_peer_that_is_paused()
    {
        Queue(b, "to b", 10);
        Queue(c, "to c", 10);
        UdpNode.Pause(a.Peer(b));
        WriteAll();
        Assert.Equal(c.Address, Assert.Single(written).To);

        Queue(b, "more to b", 10);
        WriteAll();
        Assert.Single(written);

        a.Machine.Resume(a.Peer(b));
        WriteAll();
        Assert.Equal([c.Address, b.Address], written.Select(one => one.To));
        unsealed.Seal(buffer);
        SendWritten();
        Assert.Equal(["known", "to b", "more to b"], b.Texts.Select(text => text.TrimEnd('.')));
    }

    [Fact]
    [Covers("API-234")]
    public void A_paused_peer_that_is_forgotten_is_not_written_to()
    {
        var peer = a.Peer(b);
        UdpNode.Pause(peer);
        a.Machine.Close(network.Now, peer, CloseCode.Done, new NodeEvents());
        WriteAll();
        Assert.True(a.Machine.TryFindPeer(b.Id, out _));
        a.Machine.Resume(peer);
        WriteAll();
        Assert.False(a.Machine.TryFindPeer(b.Id, out _));
        a.Machine.Resume(peer);
        WriteAll();
        Assert.Single(written);
    }

    [Fact]
    [Covers("API-234")]
    public void What_is_due_to_a_paused_peer_comes_with_its_going_on()
    {
        UdpNode.Pause(a.Peer(b));
        a.Request(b, "/chat", "repeated until answered");
        var before = network.Flights.Count;
        network.Run(seconds: 3); // it is due again and again
        Assert.DoesNotContain(network.Flights.Skip(before), flight => flight.To == b.Address);
        a.Machine.Resume(a.Peer(b));
        a.Write();
        network.Run(seconds: 3);
        Assert.Single(a.Replies);
        Assert.True(a.Machine.NextTimer < Instant.Never);
    }

    private void Queue(TestNode to, string text, int length) => Assert.Equal(
        SendStatus.Accepted,
        a.Machine.TrySend(network.Now, a.Peer(to), "/chat", Encoding.UTF8.GetBytes(text.PadRight(length, '.')), allowEarly: false));

    private void WriteAll()
    {
        while (true)
        {
            var writer = new DatagramWriter(buffer.AsSpan(end)) { Unsealed = unsealed, Start = end };
            if (!a.Machine.WriteDatagram(network.Now, ref writer))
                return;

            Assert.NotNull(writer.Peer);
            written.Add((writer.To, end..(end + writer.Length)));
            end += writer.Length;
        }
    }

    private void SendWritten()
    {
        foreach (var (to, bytes) in written)
            network.Inject(a.Address, to, buffer[bytes]);
    }
}

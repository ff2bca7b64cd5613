using System.Text;
using MsgNet.Sodium;
using MsgNet.Testing;
using KeyPair = MsgNet.Identity;

namespace MsgNet.Core.Tests.Node;

/// <summary>What somebody on the path reads of the datagrams, and what comes of it when it rewrites them.</summary>
public class WatchedPathTests
{
    private const string Protocol = "/an-observer/would-know-this-name";
    private const string Secret = "what is said between the two is nobody's business";
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public WatchedPathTests()
    {
        a = network.Add(Protocol);
        b = network.Add(Protocol);
    }

    [Fact]
    [Covers("SEC-001", "SEC-012", "SEC-015")]
    public void No_datagram_shows_who_speaks_to_whom_or_about_what()
    {
        a.Dial(b);
        a.Send(b, Protocol, Secret);
        a.Send(b, Protocol, Encoding.UTF8.GetBytes(Secret + new string('.', 3_000)));
        network.Run(1);
        b.Request(a, Protocol, Secret);
        network.Run(1);
        b.Start();
        b.Handle(Protocol);
        a.Send(b, Protocol, Secret);
        network.Run(1);
        a.Send(b, Protocol, Secret);
        network.Run(1);
        a.Close(b, CloseCode.Done);
        network.Run(2);
        ChannelMessageType[] kinds =
            [ChannelMessageType.Hello, ChannelMessageType.Ack, ChannelMessageType.Retry, ChannelMessageType.Data, ChannelMessageType.Hint];
        Assert.Subset(network.Flights.Select(flight => flight.Type).ToHashSet(), kinds.ToHashSet());

        byte[][] hidden =
        [
            a.PublicKey.ToArray(), b.PublicKey.ToArray(), AgreementKey(a), AgreementKey(b),
            Encoding.UTF8.GetBytes($"{a.Id}"), Encoding.UTF8.GetBytes($"{b.Id}"),
            Encoding.UTF8.GetBytes(Protocol), Encoding.UTF8.GetBytes(Secret),
        ];
        Assert.All(network.Flights, flight => Assert.DoesNotContain(hidden, value => Shows(flight.Datagram, value)));

        // The search finds what is not sealed.
        Assert.Contains(network.Flights, flight => Shows(flight.Frames, hidden[^1]));
        Assert.Contains(network.Flights, flight => Shows(flight.Frames, hidden[^2]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(255)]
    [Covers("SEC-004", "SEC-021", "SEC-121")]
    public void A_version_rewritten_wherever_it_stands_is_never_taken(byte version) => AssertNobodyIsReached(flight =>
    {
        flight.Datagram[1] = version;
        if (flight.Type == ChannelMessageType.Hello)
            RepairMac(flight.Datagram);
    });

    [Theory]
    [InlineData(0x01)]
    [InlineData(0x02)]
    [InlineData(0x10)]
    [InlineData(0xF0)]
    [Covers("SEC-121", "SEC-123")]
    public void Offers_rewritten_in_both_directions_end_the_handshake(byte bits) => AssertNobodyIsReached(flight =>
    {
        var offset = flight.Type switch
        {
            ChannelMessageType.Hello => HelloMessage.PayloadOffset + 16,
            ChannelMessageType.Ack => AckMessage.PayloadOffset + 8,
            _ => 0,
        };
        if (offset > 0)
            flight.Datagram[offset] ^= bits;
    });

    private void AssertNobodyIsReached(Action<Flight> rewrite)
    {
        network.OnSend = rewrite;
        a.Dial(b, TimeSpan.FromSeconds(5));
        b.Dial(a, TimeSpan.FromSeconds(5));
        a.Send(b, Protocol, Secret);
        b.Send(a, Protocol, Secret);
        network.Run(20);
        Assert.Equal((1, 1), (a.Count(NodeEventKind.DialFailed), b.Count(NodeEventKind.DialFailed)));
        Assert.Empty(a.Texts.Concat(b.Texts));
        Assert.Equal(0, a.Count(NodeEventKind.PeerReady) + b.Count(NodeEventKind.PeerReady));
        Assert.Equal(0, a.Machine.Counters.HandshakesAnswered + b.Machine.Counters.HandshakesAnswered);
    }

    // Everybody who knows the responder's key can.
    private void RepairMac(byte[] hello)
    {
        using var crypto = new SodiumChannelCrypto(KeyPair.Generate(), new SeededRandom(1));
        var receiver = network.Flights[^1].To == a.Address ? a : b;
        new HelloMac(crypto, receiver.PublicKey).Write(hello);
    }

    private static byte[] AgreementKey(TestNode node)
    {
        using var crypto = new SodiumChannelCrypto(KeyPair.Generate(), new SeededRandom(1));
        Assert.True(RemoteIdentity.TryCreate(crypto, node.PublicKey, out var remote));
        return remote.AgreementKey.ToArray();
    }

    // Any eight bytes of it in a row.
    private static bool Shows(byte[] datagram, byte[] value)
    {
        for (var i = 0; i + 8 <= value.Length; i++)
        {
            if (datagram.AsSpan().IndexOf(value.AsSpan(i, 8)) >= 0)
                return true;
        }

        return false;
    }
}

using System.Buffers.Binary;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>A million datagrams of each kind that an attacker can make up without a key: no memory, no table that grows.</summary>
public sealed class FloodTests : IDisposable
{
    private const int Rounds = 1_000_000;
    private readonly Door door = new();
    private readonly Random random = new(1);

    public void Dispose() => door.Dispose();

    [Theory]
    [InlineData("HELLO with a wrong mac1")]
    [InlineData("HELLO with a right mac1")]
    [InlineData("HELLO with a made-up mac2")]
    [InlineData("DATA for nobody")]
    [InlineData("noise")]
    [Covers("SEC-005", "SEC-006", "SEC-053", "SEC-065", "SEC-061")]
    public void A_flood_of_junk_allocates_nothing_and_changes_no_table(string kind)
    {
        var friend = door.Confirmed(1);
        var raw = door.Peer(2);
        raw.Cookie = kind == "HELLO with a made-up mac2" ? [.. Enumerable.Repeat((byte)7, 16)] : [];
        var hello = door.Hello(raw);
        var datagram = kind switch
        {
            "DATA for nobody" => (byte[])[8, 1, 0, 0, .. new byte[60]],
            "noise" => new byte[80],
            _ => hello,
        };
        var mac = new HelloMac(door.Crypto, door.Crypto.PublicKey);
        door.Collects = false;
        Flood(kind, datagram, mac, 20_000);
        Allocations.AssertNone(() => Flood(kind, datagram, mac, Rounds));
        Assert.Equal(1, door.Node.PeerCount);
        Assert.Equal(1, door.Counters.HandshakesAnswered);
        Assert.InRange(door.Counters.HalfOpenPeak, 0, 1);

        // Who is known is answered in the midst of it, with its messages and with new keys.
        door.Collects = true;
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(friend, door.Hello(friend, "still here")));
        Assert.Equal(["still here"], door.Texts);
    }

    [Fact]
    [Covers("SEC-053", "SEC-052", "SEC-055")]
    public void Known_peers_change_keys_and_a_new_one_comes_in_while_strangers_flood()
    {
        var friends = Enumerable.Range(1, 20).Select(number => door.Confirmed(number)).ToArray();
        door.Pass(2);
        for (var second = 0; second < 20; second++)
        {
            // Real handshakes under made-up addresses, 2,000 a second.
            for (var i = 0; i < 2_000; i++)
            {
                door.Now += TimeSpan.FromMicroseconds(500);
                var stranger = door.Peer(1_000 + i);
                door.Deliver(Door.Address(random.Next(1 << 16, 1 << 24)), door.Hello(stranger));
                stranger.Dispose();
            }

            var friend = friends[second];
            Assert.Equal(ChannelMessageType.Ack, door.Deliver(friend, door.Hello(friend)));
            door.Confirm(friend);
            var caller = door.Peer(100 + second);
            var answer = door.Deliver(caller, door.Hello(caller));
            if (answer == ChannelMessageType.Retry)
            {
                caller.TakeRetry(door.Crypto.PublicKey, door.Sent[^1].Datagram);
                answer = door.Deliver(caller, door.Hello(caller));
            }

            Assert.Equal(ChannelMessageType.Ack, answer);
            door.Sent.Clear();
        }

        Assert.True(door.Counters.RetriesSent > 30_000, $"{door.Counters.RetriesSent}");
        Assert.InRange(door.Counters.HandshakesAnswered, 500, 4_000);
    }

    private void Flood(string kind, byte[] datagram, HelloMac mac, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            door.Now += TimeSpan.FromMicroseconds(5); // 200,000 a second
            BinaryPrimitives.WriteInt64LittleEndian(datagram.AsSpan(8), random.NextInt64()); // E_i, a counter
            if (kind == "noise")
                random.NextBytes(datagram);
            if (kind is "HELLO with a right mac1" or "HELLO with a made-up mac2")
                mac.Write(datagram);
            door.Throw(Door.Address(random.Next(1 << 16, 1 << 24)), datagram);
        }
    }
}

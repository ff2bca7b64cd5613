using System.Buffers.Binary;
using System.Text.Json;
using MsgNet.Core;
using MsgNet.Sodium;
using MsgNet.Testing;

namespace MsgNet.Tests.Sodium;

/// <summary>
/// The recorded handshake between two ends that offer AES-256-GCM: what is recorded was made by other programs, and nothing but DATA
/// changes.
/// </summary>
public sealed class SuiteVectorTests : IDisposable
{
    private const byte Offers = 0x03;
    private static readonly JsonElement Root = RepositoryFiles.Vectors("secure-datagrams-aes.json");
    private readonly SodiumChannelCrypto initiator = ChannelVectors.Initiator(ChannelVectors.Bytes("e_i"));
    private readonly SodiumChannelCrypto responder = ChannelVectors.Responder(ChannelVectors.Bytes("e_r"));
    private readonly byte[] buffer = new byte[Limits.DatagramSizeMax];

    [SkippableFact]
    [Covers("SEC-121", "SEC-122", "SEC-021")]
    public void The_responder_answers_as_recorded_and_opens_and_seals_DATA_with_AES()
    {
        Require();
        using var keys = Accept(Offers, out var ack);
        Assert.Equal(Bytes("ack"), ack);
        Assert.Equal(Bytes("handshake_hash"), keys.Binding.ToArray());
        Assert.Equal(PacketSuite.Aes256Gcm, keys.Suite);
        AssertOpens(keys.Opening, "i2r");
        AssertSeals(keys.Sealing, "r2i", ChannelVectors.Index("idx_i"));
    }

    [SkippableFact]
    [Covers("SEC-122", "SEC-021", "SEC-126")]
    public void The_initiator_says_hello_as_recorded_and_seals_and_opens_DATA_with_AES()
    {
        Require();
        using var handshake = Hello(Offers, out var hello);
        Assert.Equal(Bytes("hello"), hello);
        Assert.True(handshake.TryReadAck(Bytes("ack"), buffer, out var payload, out var keys));
        using (keys)
        {
            Assert.Equal(Offers, payload.Offers);
            Assert.Equal(PacketSuite.Aes256Gcm, keys.Suite);
            AssertSeals(keys.Sealing, "i2r", ChannelVectors.Index("idx_r"));
            AssertOpens(keys.Opening, "r2i");
        }
    }

    [SkippableFact]
    [Covers("SEC-122")]
    public void EARLY_stays_as_it_is()
    {
        Require();
        Assert.Equal(ChannelVectors.Bytes("early0"), Bytes("early0"));
        using var handshake = Hello(Offers, out _);
        using var sealing = handshake.CreateEarlyKey();
        var early = new byte[Bytes("early0").Length];
        DataHeader.Write(early, ChannelMessageType.Early, ChannelVectors.Index("idx_i"));
        "early one"u8.CopyTo(early.AsSpan(DataHeader.Length));
        sealing.Seal(early, 9);
        Assert.Equal(Bytes("early0"), early);

        using var answering = Read();
        using var opening = answering.CreateEarlyKey();
        Assert.True(opening.TryOpen(early, out _, out _));
    }

    [SkippableTheory]
    [Covers("SEC-122")]
    [InlineData(0x03, 0x03, PacketSuite.Aes256Gcm)]
    [InlineData(0x03, 0x01, PacketSuite.ChaCha20Poly1305)]
    [InlineData(0x01, 0x03, PacketSuite.ChaCha20Poly1305)]
    [InlineData(0x01, 0x01, PacketSuite.ChaCha20Poly1305)]
    public void Both_ends_draw_the_same_from_what_the_two_offer(byte offersOfInitiator, byte offersOfResponder, PacketSuite suite)
    {
        Require();
        using var handshake = Hello(offersOfInitiator, out var hello);
        using var ofResponder = Accept(offersOfResponder, out var ack, hello);
        Assert.True(handshake.TryReadAck(ack, buffer, out _, out var ofInitiator));
        using (ofInitiator)
        {
            Assert.Equal((suite, suite), (ofInitiator.Suite, ofResponder.Suite));
            var datagram = new byte[Limits.SealOverhead + 4];
            DataHeader.Write(datagram, ChannelMessageType.Data, 7);
            ofInitiator.Sealing.Seal(datagram, 4);
            Assert.True(ofResponder.Opening.TryOpen(datagram, out _, out _));
        }
    }

    public void Dispose()
    {
        initiator.Dispose();
        responder.Dispose();
    }

    private void Require() => Skip.IfNot(initiator.HasAes256Gcm, "needs a CPU with instructions for AES");

    private static byte[] Bytes(string name) => Convert.FromHexString(Root.GetProperty(name).GetString()!);

    private static IEnumerable<(ulong Counter, byte[] Plaintext, byte[] Datagram)> Recorded(string direction) =>
        from data in Root.GetProperty("data").EnumerateArray()
        where data.GetProperty("direction").GetString() == direction
        select (
            ulong.Parse(data.GetProperty("counter").GetString()!, System.Globalization.CultureInfo.InvariantCulture),
            Convert.FromHexString(data.GetProperty("plaintext").GetString()!),
            Convert.FromHexString(data.GetProperty("datagram").GetString()!));

    // Both ways across the length at which the libraries take turns, and counters whose bytes show their order.
    private static void AssertOpens(IOpeningKey key, string direction)
    {
        var count = 0;
        foreach (var (expected, plaintext, datagram) in Recorded(direction))
        {
            Assert.True(key.TryOpen(datagram, out var counter, out var length));
            Assert.Equal(expected, counter);
            Assert.Equal(plaintext, datagram.AsSpan(DataHeader.Length, length).ToArray());
            count++;
        }

        Assert.InRange(count, 3, 5);
    }

    private static void AssertSeals(ISealingKey key, string direction, uint index)
    {
        foreach (var (counter, plaintext, recorded) in Recorded(direction).Where(data => data.Counter < 3))
        {
            var datagram = new byte[plaintext.Length + Limits.SealOverhead];
            DataHeader.Write(datagram, ChannelMessageType.Data, index);
            plaintext.CopyTo(datagram, DataHeader.Length);
            Assert.Equal(counter, key.Seal(datagram, plaintext.Length));
            Assert.Equal(counter, BinaryPrimitives.ReadUInt64LittleEndian(datagram.AsSpan(DataHeader.CounterOffset)));
            Assert.Equal(recorded, datagram);
        }
    }

    private InitiatorHandshake Hello(byte offers, out byte[] hello)
    {
        var remote = ChannelVectors.Remote(initiator, ChannelVectors.Bytes("responder_pk"));
        var handshake = new InitiatorHandshake(initiator, remote, default);
        var datagram = new byte[Limits.HelloSizeMax];
        var length = handshake.WriteHello(
            datagram,
            ChannelVectors.Index("idx_i"),
            ChannelVectors.Timestamp,
            ChannelVectors.InitiatorIncarnation,
            offers,
            ChannelVectors.Text("frames_hello"));
        hello = datagram[..length];
        return handshake;
    }

    private ResponderHandshake Read(byte[]? datagram = null)
    {
        var handshake = new ResponderHandshake(responder);
        Assert.True(HelloMessage.TryParse(datagram ?? Bytes("hello"), out var hello));
        Assert.True(handshake.TryReadStatic(hello, default));
        Assert.True(handshake.TryReadPayload(hello, buffer, out _));
        return handshake;
    }

    private SessionKeys Accept(byte offers, out byte[] ack, byte[]? hello = null)
    {
        using var handshake = Read(hello);
        var length = handshake.WriteAck(
            buffer,
            ChannelVectors.Index("idx_r"),
            ChannelVectors.ResponderIncarnation,
            offers,
            ChannelVectors.Text("frames_ack"),
            out var keys);
        ack = buffer[..length];
        return keys!;
    }
}

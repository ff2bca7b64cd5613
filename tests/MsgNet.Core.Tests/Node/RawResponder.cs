using MsgNet.Sodium;
using MsgNet.Testing;
using KeyPair = MsgNet.Identity;

namespace MsgNet.Core.Tests.Node;

/// <summary>A responder by hand: real cookies and handshakes, answers only when the test says so.</summary>
internal sealed class RawResponder : IDisposable
{
    private readonly SodiumChannelCrypto crypto;
    private readonly SeededRandom random;
    private readonly CookieSecrets cookies;
    private readonly byte[] buffer = new byte[2048];
    private readonly List<SessionKeys> keys = [];

    public RawResponder(Instant now, byte hostNumber)
    {
        var seed = new byte[KeyPair.SeedLength];
        seed[0] = hostNumber;
        seed[2] = 1;
        random = new SeededRandom(hostNumber);
        crypto = new SodiumChannelCrypto(KeyPair.FromSeed(seed), random);
        cookies = new CookieSecrets(now, crypto, random);
        Id = PeerId.FromEd25519(crypto.PublicKey);
        Address = NetAddress.From(new System.Net.IPAddress([10, 0, 2, hostNumber]), 6000, 0);
    }

    public PeerId Id { get; }

    public NetAddress Address { get; }

    public byte Offers { get; set; } = ChannelOffers.Common;

    public ulong Incarnation { get; set; } = 99;

    public static HelloMessage Parse(Flight flight)
    {
        Assert.True(HelloMessage.TryParse(flight.Datagram, out var hello));
        return hello;
    }

    /// <summary>The RETRY that answers a HELLO.</summary>
    public byte[] Retry(Instant now, Flight hello)
    {
        Span<byte> nonce = stackalloc byte[24];
        Span<byte> cookie = stackalloc byte[16];
        random.Fill(nonce);
        cookies.MakeCookie(now, Wire(hello.From), cookie);
        var datagram = new byte[RetryMessage.Length];
        RetryMessage.Write(datagram, crypto, Parse(hello), nonce, cookie);
        return datagram;
    }

    /// <summary>True when a HELLO shows a cookie that was made for its address.</summary>
    public bool HasCookie(Instant now, Flight hello) => cookies.TryFindCookie(now, Parse(hello), Wire(hello.From), new byte[16]);

    /// <summary>Opens a HELLO and answers it.</summary>
    public byte[] Accept(Instant now, Flight flight, out ulong timestamp)
    {
        var ack = Accept(now, flight, out timestamp, out var early);
        early.Dispose();
        return ack;
    }

    /// <summary>The same, and the key of the EARLY packets that follow that HELLO.</summary>
    public byte[] Accept(Instant now, Flight flight, out ulong timestamp, out IOpeningKey early)
    {
        var hello = Parse(flight);
        var cookie = new byte[16];
        if (hello.HasMac2)
            Assert.True(cookies.TryFindCookie(now, hello, Wire(flight.From), cookie));

        using var handshake = new ResponderHandshake(crypto);
        Assert.True(handshake.TryReadStatic(hello, hello.HasMac2 ? cookie : default));
        Assert.True(handshake.TryReadPayload(hello, buffer, out var payload));
        timestamp = payload.Timestamp;
        Assert.Equal(flight.Frames, payload.Frames.ToArray());
        early = handshake.CreateEarlyKey();
        var ack = new byte[AckMessage.Overhead];
        var length = handshake.WriteAck(ack, (uint)random.NextUInt64(), Incarnation, Offers, default, out var made);
        Assert.Equal(ack.Length, length);
        keys.Add(made!);
        return ack;
    }

    public void Dispose()
    {
        cookies.Dispose();
        foreach (var made in keys)
            made.Dispose();
        crypto.Dispose();
    }

    private static byte[] Wire(NetAddress address)
    {
        var wire = new byte[NetAddress.WireLength];
        address.WriteTo(wire);
        return wire;
    }
}

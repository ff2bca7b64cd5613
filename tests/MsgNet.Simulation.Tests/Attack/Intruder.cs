using MsgNet.Core;

namespace MsgNet.Simulation.Tests.Attack;

/// <summary>A stranger with a key of its own who speaks the handshake by hand, and so can say what no host would.</summary>
internal sealed class Intruder : IDisposable
{
    private readonly SimulatedCrypto crypto;
    private readonly RemoteIdentity target;
    private readonly byte[] payload = new byte[Limits.DatagramSizeMax];
    private InitiatorHandshake? handshake;
    private SessionKeys? keys;
    private uint remoteIndex;

    /// <param name="random">Draws the key.</param>
    /// <param name="targetKey">The Ed25519 key of the host to talk to.</param>
    public Intruder(SeededRandom random, ReadOnlySpan<byte> targetKey)
    {
        var key = new byte[SimulatedCrypto.KeyLength];
        random.Fill(key);
        crypto = new SimulatedCrypto(key, random);
        Invariant.Check(RemoteIdentity.TryCreate(crypto, targetKey, out var identity));
        target = identity;
        Index = (uint)random.NextUInt64();
        Incarnation = random.NextUInt64() | 1;
    }

    public PeerId Id => PeerId.FromEd25519(crypto.PublicKey);

    public uint Index { get; set; }

    public ulong Incarnation { get; set; }

    /// <summary>A HELLO that is right in every way.</summary>
    public byte[] Hello(ulong timestamp, ReadOnlySpan<byte> frames, ReadOnlySpan<byte> cookie)
    {
        handshake?.Dispose();
        handshake = new InitiatorHandshake(crypto, target, cookie);
        var datagram = new byte[HelloMessage.Overhead + frames.Length];
        handshake.WriteHello(datagram, Index, timestamp, Incarnation, ChannelOffers.Common, frames);
        return datagram;
    }

    /// <summary>The cookie in a RETRY that answers the last HELLO; null when it answers another.</summary>
    public byte[]? Cookie(ReadOnlySpan<byte> retry)
    {
        var cookie = new byte[RetryMessage.CookieLength];
        return RetryMessage.TryParse(retry, out var parsed)
            && parsed.ReceiverIndex == Index
            && parsed.TryOpen(crypto, target.PublicKey, handshake!.Mac1, cookie) ? cookie : null;
    }

    /// <summary>Takes the ACK to the last HELLO; false when it answers another.</summary>
    public bool TryAccept(ReadOnlySpan<byte> ack)
    {
        if (!AckMessage.TryParse(ack, out var parsed) || !handshake!.TryReadAck(ack, payload, out _, out var made))
            return false;

        remoteIndex = parsed.SenderIndex;
        keys?.Dispose();
        keys = made;
        return true;
    }

    /// <summary>DATA under the keys of the last handshake.</summary>
    public byte[] Data(ReadOnlySpan<byte> frames)
    {
        var datagram = new byte[frames.Length + Limits.SealOverhead];
        DataHeader.Write(datagram, ChannelMessageType.Data, remoteIndex);
        frames.CopyTo(datagram.AsSpan(DataHeader.Length));
        keys!.Sealing.Seal(datagram, frames.Length);
        return datagram;
    }

    public void Dispose()
    {
        handshake?.Dispose();
        keys?.Dispose();
    }
}

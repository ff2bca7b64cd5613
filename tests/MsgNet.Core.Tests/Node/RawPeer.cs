using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>A peer that speaks the channel by hand, so that it can say what no node would.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly IChannelCrypto crypto;
    private readonly byte[] buffer = new byte[4096];
    private InitiatorHandshake? handshake;
    private SessionKeys? keys;
    private ISealingKey? early;
    private uint remoteIndex;

    public RawPeer(IChannelCrypto crypto, byte hostNumber)
    {
        this.crypto = crypto;
        Id = PeerId.FromEd25519(crypto.PublicKey);
        Address = NetAddress.From(new System.Net.IPAddress([10, 0, 1, hostNumber]), 5000, 0);
    }

    public PeerId Id { get; }

    public NetAddress Address { get; set; }

    public uint Index { get; set; } = 0xABCD;

    public uint RemoteIndex => remoteIndex;

    public ulong Incarnation { get; set; } = 77;

    public byte Offers { get; set; } = ChannelOffers.Common;

    /// <summary>What the ACK offered.</summary>
    public byte RemoteOffers { get; private set; }

    public PacketSuite Suite => keys!.Suite;

    /// <summary>What keys mac2 of the next HELLO; empty for none.</summary>
    public byte[] Cookie { get; set; } = [];

    public ISealingKey Sealing => keys!.Sealing;

    /// <summary>A HELLO to a node; <see cref="Accept"/> takes the answer.</summary>
    public byte[] Hello(ReadOnlySpan<byte> remoteKey, ulong timestamp, ReadOnlySpan<byte> frames)
    {
        Assert.True(RemoteIdentity.TryCreate(crypto, remoteKey, out var remote));
        handshake = new InitiatorHandshake(crypto, remote, Cookie);
        var datagram = new byte[HelloMessage.Overhead + frames.Length];
        handshake.WriteHello(datagram, Index, timestamp, Incarnation, Offers, frames);
        early?.Dispose();
        early = handshake.CreateEarlyKey();
        return datagram;
    }

    /// <summary>Takes the cookie out of the RETRY that answered the last HELLO.</summary>
    public void TakeRetry(ReadOnlySpan<byte> remoteKey, byte[] datagram)
    {
        Assert.True(RetryMessage.TryParse(datagram, out var retry));
        Assert.Equal(Index, retry.ReceiverIndex);
        Cookie = new byte[RetryMessage.CookieLength];
        Assert.True(retry.TryOpen(crypto, remoteKey, handshake!.Mac1, Cookie));
    }

    public void Accept(byte[] ack)
    {
        Assert.True(AckMessage.TryParse(ack, out var parsed));
        remoteIndex = parsed.SenderIndex;
        Assert.True(handshake!.TryReadAck(ack, buffer, out var payload, out keys));
        RemoteOffers = payload.Offers;
    }

    /// <summary>The next EARLY packet of the last HELLO, with any frame list.</summary>
    public byte[] Early(ReadOnlySpan<byte> frames)
    {
        var datagram = new byte[frames.Length + Limits.SealOverhead];
        DataHeader.Write(datagram, ChannelMessageType.Early, Index);
        frames.CopyTo(datagram.AsSpan(DataHeader.Length));
        early!.Seal(datagram, frames.Length);
        return datagram;
    }

    /// <summary>DATA with any frame list.</summary>
    public byte[] Data(ReadOnlySpan<byte> frames)
    {
        var datagram = new byte[frames.Length + Limits.SealOverhead];
        Seal(datagram, frames);
        return datagram;
    }

    /// <summary>The same without a new array; returns the length.</summary>
    public int Seal(Span<byte> datagram, ReadOnlySpan<byte> frames)
    {
        DataHeader.Write(datagram, ChannelMessageType.Data, remoteIndex);
        frames.CopyTo(datagram[DataHeader.Length..]);
        keys!.Sealing.Seal(datagram, frames.Length);
        return frames.Length + Limits.SealOverhead;
    }

    /// <summary>What a node sealed.</summary>
    public List<(FrameType Type, byte[] Body)> Open(byte[] datagram)
    {
        var copy = (byte[])datagram.Clone();
        Assert.True(keys!.Opening.TryOpen(copy, out _, out var length));
        return Flight.Read(copy.AsSpan(DataHeader.Length, length));
    }

    /// <summary>A REPORT of one packet of the node.</summary>
    public byte[] Report(ulong number)
    {
        var writer = new WireWriter(new byte[64]);
        Assert.True(ReportFrame.TryWrite(ref writer, Index, 0, new[] { new ReportRange(number, number) }));
        return writer.Written.ToArray();
    }

    public void Dispose()
    {
        handshake?.Dispose();
        early?.Dispose();
        keys?.Dispose();
    }

    public delegate void Writing(ref WireWriter writer);

    public static byte[] Frames(Writing write)
    {
        var writer = new WireWriter(new byte[1400]);
        write(ref writer);
        Assert.False(writer.Overflowed);
        return writer.Written.ToArray();
    }
}

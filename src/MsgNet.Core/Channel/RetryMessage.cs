using System.Buffers.Binary;

namespace MsgNet.Core;

/// <summary>A RETRY as it lies in a datagram: a cookie only the sender of one HELLO can open. Borrowed, not copied.</summary>
internal readonly ref struct RetryMessage
{
    /// <summary>Bytes of every RETRY; less than half the shortest HELLO, so it amplifies nothing.</summary>
    public const int Length = 64;

    /// <summary>Bytes of a cookie.</summary>
    public const int CookieLength = 16;

    private const int ReceiverIndexOffset = 4;
    private const int NonceOffset = 8;
    private const int SealedOffset = 32;

    private readonly ReadOnlySpan<byte> datagram;

    private RetryMessage(ReadOnlySpan<byte> datagram) => this.datagram = datagram;

    /// <summary>The index of the HELLO this answers.</summary>
    public uint ReceiverIndex => BinaryPrimitives.ReadUInt32LittleEndian(datagram[ReceiverIndexOffset..]);

    /// <summary>Finds the fields; false when type, version, zeros or length are wrong.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out RetryMessage retry)
    {
        if (datagram.Length != Length || ChannelHeader.Read(datagram) != ChannelMessageType.Retry)
        {
            retry = default;
            return false;
        }

        retry = new RetryMessage(datagram);
        return true;
    }

    /// <summary>Writes the RETRY that answers <paramref name="hello"/>; returns its length.</summary>
    /// <param name="datagram">At least <see cref="Length"/> bytes.</param>
    /// <param name="crypto">The responder's identity and primitives.</param>
    /// <param name="hello">The HELLO; its mac1 was right.</param>
    /// <param name="nonce24">24 fresh random bytes.</param>
    /// <param name="cookie">The cookie of the address the HELLO came from, 16 bytes.</param>
    public static int Write(
        Span<byte> datagram, IChannelCrypto crypto, HelloMessage hello, ReadOnlySpan<byte> nonce24, ReadOnlySpan<byte> cookie)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        Span<byte> key = stackalloc byte[32];
        DeriveKey(crypto, crypto.PublicKey, key);
        ChannelHeader.Write(datagram, ChannelMessageType.Retry);
        BinaryPrimitives.WriteUInt32LittleEndian(datagram[ReceiverIndexOffset..], hello.SenderIndex);
        nonce24.CopyTo(datagram[NonceOffset..]);
        crypto.SealCookie(key, nonce24, hello.Mac1, cookie, datagram[SealedOffset..Length]);
        return Length;
    }

    /// <summary>Opens the cookie; false when this RETRY was not made by that responder for that HELLO.</summary>
    /// <param name="crypto">The initiator's primitives.</param>
    /// <param name="responderKey">The responder's Ed25519 key.</param>
    /// <param name="mac1">mac1 of the HELLO: <see cref="InitiatorHandshake.Mac1"/>.</param>
    /// <param name="cookie">Receives 16 bytes.</param>
    public bool TryOpen(IChannelCrypto crypto, ReadOnlySpan<byte> responderKey, ReadOnlySpan<byte> mac1, Span<byte> cookie)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        Span<byte> key = stackalloc byte[32];
        DeriveKey(crypto, responderKey, key);
        return crypto.TryOpenCookie(key, datagram[NonceOffset..SealedOffset], mac1, datagram[SealedOffset..], cookie);
    }

    // The key is public, like mac1's: it keeps out those who do not know whom they talk to, not secrets in.
    private static void DeriveKey(IChannelCrypto crypto, ReadOnlySpan<byte> responderKey, Span<byte> key) =>
        crypto.Hash32("msgnet/1 cookie"u8, responderKey, key);
}

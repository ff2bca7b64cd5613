namespace MsgNet.Core;

/// <summary>
/// The steps both ends of the handshake share (SEC-021): Noise IK under a name of its own, since keys travel in Ed25519 form.
/// </summary>
internal static class HandshakeScript
{
    public const int CookieLength = 16;

    private const int TagLength = 16;

    private static ReadOnlySpan<byte> ProtocolName => "Noise_IK_Ed25519_ChaChaPoly_SHA256"u8;

    private static ReadOnlySpan<byte> PrologueName => "msgnet/1"u8;

    public static ReadOnlySpan<byte> EarlyLabel => "msgnet/1 early"u8;

    /// <summary>Up to and including the premessage S_r. An empty <paramref name="cookie"/> stands for 16 zeros.</summary>
    public static void Start(
        SymmetricState state, ReadOnlySpan<byte> helloHeader, ReadOnlySpan<byte> cookie, ReadOnlySpan<byte> responderKey)
    {
        Span<byte> prologue = stackalloc byte[8 + HelloMessage.HeaderLength + CookieLength];
        prologue.Clear();
        PrologueName.CopyTo(prologue);
        helloHeader.CopyTo(prologue[8..]);
        cookie.CopyTo(prologue[(8 + HelloMessage.HeaderLength)..]);
        state.Initialize(ProtocolName, prologue);
        state.MixHash(responderKey);
    }

    /// <summary>Mixes in an agreement with the ephemeral key; false when it is all zeros.</summary>
    public static bool TryMixAgreement(IChannelCrypto crypto, SymmetricState state, IEphemeralKey own, ReadOnlySpan<byte> remote)
    {
        Span<byte> shared = stackalloc byte[32];
        var agreed = own.TryAgree(remote, shared); // SEC-003
        if (agreed)
            state.MixKey(shared);

        crypto.Wipe(shared);
        return agreed;
    }

    /// <summary>Mixes in an agreement with the node's identity; false when it is all zeros.</summary>
    public static bool TryMixAgreement(IChannelCrypto crypto, SymmetricState state, ReadOnlySpan<byte> remote)
    {
        Span<byte> shared = stackalloc byte[32];
        var agreed = crypto.TryAgreeIdentity(remote, shared); // SEC-003
        if (agreed)
            state.MixKey(shared);

        crypto.Wipe(shared);
        return agreed;
    }

    /// <summary>Opens a sealed payload into the front of <paramref name="buffer"/>.</summary>
    public static bool TryOpenPayload(
        scoped SymmetricState state, scoped ReadOnlySpan<byte> sealedPayload, Span<byte> buffer, out ReadOnlySpan<byte> plaintext)
    {
        var length = sealedPayload.Length - TagLength;
        if (buffer.Length < length)
            throw new ArgumentException($"The payload buffer has {buffer.Length} bytes; this payload needs {length}.", nameof(buffer));

        plaintext = buffer[..length];
        return state.TryDecryptAndHash(sealedPayload, buffer[..length]);
    }

    /// <summary>Places frames behind the fields of a payload at <paramref name="offset"/>; they may lie there already.</summary>
    public static Span<byte> PlacePayload(Span<byte> datagram, int offset, int fieldsLength, ReadOnlySpan<byte> frames)
    {
        frames.CopyTo(datagram[(offset + fieldsLength)..]);
        return datagram.Slice(offset, fieldsLength + frames.Length + TagLength);
    }
}

using System.Buffers.Binary;

namespace MsgNet.Core;

/// <summary>
/// The answer to one HELLO, in steps of rising cost so that its caller can stop between them (SEC-051 to SEC-060):
/// <see cref="TryReadStatic"/> shows which key is claimed, <see cref="TryReadPayload"/> proves it, <see cref="WriteAck"/> ends it.
/// The caller has checked mac1 and, if there is one, mac2.
/// </summary>
/// <remarks>
/// Not thread-safe. A step that fails ends the handshake. Disposing wipes every secret; <see cref="Restart"/> serves another HELLO with the
/// same memory, so that what a flood makes a node open costs none.
/// </remarks>
internal sealed class ResponderHandshake : IDisposable
{
    private readonly IChannelCrypto crypto;

    // Pinned, so that the collector leaves no copies of secrets behind.
    private readonly byte[] memory = GC.AllocateUninitializedArray<byte>(SymmetricState.MemoryLength, pinned: true);
    private readonly byte[] remoteKey = new byte[32];
    private readonly byte[] remoteAgreementKey = new byte[32];
    private readonly byte[] remoteEphemeral = new byte[32];
    private uint receiverIndex;
    private byte remoteOffers;
    private Stage stage;

    /// <summary>Prepares an answer by the node with this identity.</summary>
    public ResponderHandshake(IChannelCrypto crypto)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        this.crypto = crypto;
    }

    /// <summary>S_i: claimed after <see cref="TryReadStatic"/>, proven after <see cref="TryReadPayload"/>; zeros before.</summary>
    public ReadOnlySpan<byte> RemoteKey => remoteKey;

    /// <summary>The X25519 form of <see cref="RemoteKey"/>, after <see cref="TryReadPayload"/>.</summary>
    public ReadOnlySpan<byte> RemoteAgreementKey => remoteAgreementKey;

    private SymmetricState State => new(crypto, memory);

    /// <summary>Wipes what is left of the last HELLO and begins with another.</summary>
    public void Restart()
    {
        Dispose();
        remoteKey.AsSpan().Clear();
        stage = Stage.New;
    }

    /// <summary>Opens S_i: one agreement. The key is only claimed yet: compare it with a ban list, charge nothing to it.</summary>
    /// <param name="hello">The HELLO.</param>
    /// <param name="cookie">The cookie that keys its mac2, 16 bytes; empty when mac2 is zeros.</param>
    public bool TryReadStatic(HelloMessage hello, ReadOnlySpan<byte> cookie)
    {
        RequireStage(Stage.New);
        if (cookie.Length is not (0 or HandshakeScript.CookieLength))
            throw new ArgumentException("A cookie is 16 bytes; pass an empty span when there is none.", nameof(cookie));

        var state = State;
        HandshakeScript.Start(state, hello.Header, cookie, crypto.PublicKey);
        state.MixHash(hello.Ephemeral);
        hello.Ephemeral.CopyTo(remoteEphemeral);
        receiverIndex = hello.SenderIndex;
        return Advance(
            HandshakeScript.TryMixAgreement(crypto, state, hello.Ephemeral) && state.TryDecryptAndHash(hello.SealedStatic, remoteKey),
            Stage.StaticRead);
    }

    /// <summary>
    /// Opens the payload: one key conversion and one agreement. When true, <see cref="RemoteKey"/> is proven; false also for a HELLO from
    /// this node's own key.
    /// </summary>
    /// <param name="hello">The same HELLO.</param>
    /// <param name="payloadBuffer">Where the payload is opened; as long as the datagram suffices. It may not overlap it.</param>
    /// <param name="payload">The payload, lying in the buffer.</param>
    public bool TryReadPayload(HelloMessage hello, Span<byte> payloadBuffer, out HelloPayload payload)
    {
        RequireStage(Stage.StaticRead);
        var state = State;
        payload = default;
        var opened = Advance(
            !remoteKey.AsSpan().SequenceEqual(crypto.PublicKey) // SEC-056
                && crypto.TryConvertPublicKey(remoteKey, remoteAgreementKey) // SEC-054
                && HandshakeScript.TryMixAgreement(crypto, state, remoteAgreementKey)
                && HandshakeScript.TryOpenPayload(state, hello.SealedPayload, payloadBuffer, out var plaintext)
                && HelloPayload.TryParse(plaintext, out payload),
            Stage.PayloadRead);
        remoteOffers = opened ? payload.Offers : default;
        return opened;
    }

    /// <summary>The key for EARLY packets of this image; the caller disposes it. Between the payload and the ACK.</summary>
    /// <exception cref="InvalidOperationException">The payload has not been read, or the ACK is written.</exception>
    public IOpeningKey CreateEarlyKey()
    {
        RequireStage(Stage.PayloadRead);
        Span<byte> key = stackalloc byte[32];
        State.DeriveKey(HandshakeScript.EarlyLabel, key);
        var early = crypto.CreateOpeningKey(PacketSuite.ChaCha20Poly1305, key); // SEC-122
        crypto.Wipe(key);
        return early;
    }

    /// <summary>Writes the ACK: one key pair and two agreements. The handshake is then over.</summary>
    /// <param name="datagram">At least <see cref="AckMessage.Overhead"/> bytes more than the frames; these may lie in it already,
    /// 53 bytes in.</param>
    /// <param name="senderIndex">The index this end is to be addressed with.</param>
    /// <param name="incarnation">This end's half of the association; not 0.</param>
    /// <param name="offers">What this end can do: <see cref="ChannelOffers"/>.</param>
    /// <param name="frames">Frames for the initiator; may be empty.</param>
    /// <param name="keys">The session's keys, which the caller disposes; null when the result is 0.</param>
    /// <returns>The length of the ACK; 0 when an agreement is all zeros, and there is nothing to send.</returns>
    /// <exception cref="ArgumentException">The ACK does not fit the datagram.</exception>
    /// <exception cref="InvalidOperationException">The payload has not been read, or the ACK is written.</exception>
    public int WriteAck(
        Span<byte> datagram, uint senderIndex, ulong incarnation, byte offers, ReadOnlySpan<byte> frames, out SessionKeys? keys)
    {
        RequireStage(Stage.PayloadRead);
        ArgumentOutOfRangeException.ThrowIfZero(incarnation);
        var length = AckMessage.Overhead + frames.Length;
        if (length > datagram.Length)
            throw new ArgumentException($"An ACK of {length} bytes does not fit; send fewer frames with it.", nameof(frames));

        var payload = HandshakeScript.PlacePayload(datagram, AckMessage.PayloadOffset, AckPayload.FieldsLength, frames);
        AckPayload.WriteFields(payload, incarnation, offers);
        ChannelHeader.Write(datagram, ChannelMessageType.Ack);
        BinaryPrimitives.WriteUInt32LittleEndian(datagram[AckMessage.SenderIndexOffset..], senderIndex);
        BinaryPrimitives.WriteUInt32LittleEndian(datagram[AckMessage.ReceiverIndexOffset..], receiverIndex);
        keys = TrySealFields(datagram, payload)
            ? SessionKeys.Split(crypto, ChannelOffers.SuiteOf(offers, remoteOffers), State, isInitiator: false)
            : null;
        Dispose();
        return keys is null ? 0 : length;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stage = Stage.Over;
        State.Wipe();
    }

    private bool TrySealFields(Span<byte> datagram, Span<byte> payload)
    {
        using var ephemeral = crypto.CreateEphemeral();
        ephemeral.PublicKey.CopyTo(datagram[AckMessage.EphemeralOffset..]);
        var state = State;
        state.MixHash(datagram[..AckMessage.HeaderLength]);
        state.MixHash(ephemeral.PublicKey);
        if (!HandshakeScript.TryMixAgreement(crypto, state, ephemeral, remoteEphemeral)
            || !HandshakeScript.TryMixAgreement(crypto, state, ephemeral, remoteAgreementKey))
        {
            return false;
        }

        state.EncryptAndHash(payload[..^16], payload);
        return true;
    }

    private bool Advance(bool succeeded, Stage next)
    {
        if (succeeded)
            stage = next;
        else
            Dispose();

        return succeeded;
    }

    private void RequireStage(Stage required)
    {
        if (stage != required)
            throw new InvalidOperationException($"The handshake is {stage}; this needs {required}.");
    }

    private enum Stage
    {
        New,
        StaticRead,
        PayloadRead,
        Over,
    }
}

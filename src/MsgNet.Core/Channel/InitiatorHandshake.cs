using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace MsgNet.Core;

/// <summary>
/// One image of a HELLO and the wait for its ACK. An attempt that sends another image (another address, a cookie, a retry) makes another
/// object; each has its own ephemeral key.
/// </summary>
/// <remarks>Not thread-safe. Disposing wipes every secret.</remarks>
internal sealed class InitiatorHandshake : IDisposable
{
    private readonly IChannelCrypto crypto;
    private readonly RemoteIdentity remote;
    private readonly IEphemeralKey ephemeral;

    // Pinned, so that the collector leaves no copies of secrets behind.
    private readonly byte[] memory = GC.AllocateUninitializedArray<byte>(SymmetricState.MemoryLength, pinned: true);
    private readonly byte[] cookie = new byte[HandshakeScript.CookieLength];
    private readonly byte[] mac1 = new byte[16];
    private readonly bool hasCookie;
    private uint senderIndex;
    private byte offers;
    private bool earlyKeyTaken;
    private Stage stage;

    /// <summary>Prepares an image for <paramref name="remote"/>, with a fresh ephemeral key.</summary>
    /// <param name="crypto">The node's own identity and primitives.</param>
    /// <param name="remote">The peer to reach.</param>
    /// <param name="cookie">The 16 bytes a RETRY brought; empty when there was none.</param>
    /// <exception cref="ArgumentException">The cookie is neither empty nor 16 bytes.</exception>
    public InitiatorHandshake(IChannelCrypto crypto, RemoteIdentity remote, ReadOnlySpan<byte> cookie)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        ArgumentNullException.ThrowIfNull(remote);
        if (cookie.Length is not (0 or HandshakeScript.CookieLength))
            throw new ArgumentException("A cookie is 16 bytes; pass an empty span when there is none.", nameof(cookie));

        this.crypto = crypto;
        this.remote = remote;
        hasCookie = !cookie.IsEmpty;
        cookie.CopyTo(this.cookie);
        ephemeral = crypto.CreateEphemeral();
    }

    /// <summary>mac1 of the HELLO, 16 bytes: what a RETRY must be bound to. Zeros before <see cref="WriteHello"/>.</summary>
    public ReadOnlySpan<byte> Mac1 => mac1;

    /// <summary>True from the HELLO to the ACK that opened under it, whether that was of use or not.</summary>
    internal bool IsWaiting => stage == Stage.Waiting;

    private SymmetricState State => new(crypto, memory);

    /// <summary>Writes the HELLO. Once per object: the same image is sent again from the caller's copy.</summary>
    /// <param name="datagram">At least <see cref="HelloMessage.Overhead"/> bytes more than the frames; these may lie in it already,
    /// 137 bytes in.</param>
    /// <param name="senderIndex">The index this end is to be addressed with.</param>
    /// <param name="timestamp">When the attempt began, µs since 1970; the same for all its images.</param>
    /// <param name="incarnation">This end's half of the association; not 0.</param>
    /// <param name="offers">What this end can do: <see cref="ChannelOffers"/>.</param>
    /// <param name="frames">Early frames; may be empty.</param>
    /// <returns>The length of the HELLO.</returns>
    /// <exception cref="ArgumentException">The HELLO does not fit the datagram or <see cref="Limits.HelloSizeMax"/>.</exception>
    /// <exception cref="InvalidOperationException">The object has written its HELLO.</exception>
    public int WriteHello(
        Span<byte> datagram, uint senderIndex, ulong timestamp, ulong incarnation, byte offers, ReadOnlySpan<byte> frames)
    {
        RequireStage(Stage.New);
        ArgumentOutOfRangeException.ThrowIfZero(incarnation);
        var length = HelloMessage.Overhead + frames.Length;
        if (length > Math.Min(datagram.Length, Limits.HelloSizeMax))
            throw new ArgumentException($"A HELLO of {length} bytes does not fit; send fewer frames with it.", nameof(frames));

        var payload = HandshakeScript.PlacePayload(datagram, HelloMessage.PayloadOffset, HelloPayload.FieldsLength, frames);
        HelloPayload.WriteFields(payload, timestamp, incarnation, offers);
        ChannelHeader.Write(datagram, ChannelMessageType.Hello);
        BinaryPrimitives.WriteUInt32LittleEndian(datagram[HelloMessage.SenderIndexOffset..], senderIndex);
        ephemeral.PublicKey.CopyTo(datagram[HelloMessage.EphemeralOffset..]);
        WriteMacs(datagram);
        SealFields(datagram, payload);
        this.senderIndex = senderIndex;
        this.offers = offers;
        stage = Stage.Waiting;
        return length;
    }

    /// <summary>
    /// Reads an ACK. False when it does not answer this HELLO or is forged; the handshake then goes on waiting. When true it is over, and
    /// every later ACK is refused: the same keys with their counters at 0 again would repeat nonces.
    /// </summary>
    /// <param name="datagram">The ACK.</param>
    /// <param name="payloadBuffer">Where the payload is opened; as long as the datagram suffices. It may not overlap it.</param>
    /// <param name="payload">The payload, lying in the buffer.</param>
    /// <param name="keys">The session's keys; the caller disposes them.</param>
    public bool TryReadAck(
        ReadOnlySpan<byte> datagram, Span<byte> payloadBuffer, out AckPayload payload, [NotNullWhen(true)] out SessionKeys? keys)
    {
        payload = default;
        keys = null;
        if (stage != Stage.Waiting || !AckMessage.TryParse(datagram, out var ack) || ack.ReceiverIndex != senderIndex)
            return false;

        // On a copy: a forged ACK must leave the wait for the real one intact.
        Span<byte> copy = stackalloc byte[SymmetricState.MemoryLength];
        var state = new SymmetricState(crypto, copy);
        State.CopyTo(state);
        if (TryReadFields(state, ack, payloadBuffer, out payload))
            keys = SessionKeys.Split(crypto, ChannelOffers.SuiteOf(offers, payload.Offers), state, isInitiator: true);

        state.Wipe();
        if (keys is null)
            return false;

        Dispose();
        return true;
    }

    /// <summary>The key for EARLY packets of this image; the caller disposes it. Between the HELLO and its ACK, and once.</summary>
    /// <exception cref="InvalidOperationException">The HELLO is not written yet, the handshake is over, or the key was taken.</exception>
    public ISealingKey CreateEarlyKey()
    {
        RequireStage(Stage.Waiting);
        if (earlyKeyTaken)
            throw new InvalidOperationException("The early key was taken: a second one would count from 0 again and repeat nonces.");

        earlyKeyTaken = true;
        Span<byte> key = stackalloc byte[32];
        State.DeriveKey(HandshakeScript.EarlyLabel, key);
        var early = crypto.CreateSealingKey(PacketSuite.ChaCha20Poly1305, key); // SEC-122
        crypto.Wipe(key);
        return early;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stage = Stage.Over;
        State.Wipe();
        crypto.Wipe(cookie);
        ephemeral.Dispose();
    }

    private void WriteMacs(Span<byte> datagram)
    {
        remote.Mac.Write(datagram);
        datagram[HelloMessage.Mac1Offset..HelloMessage.Mac2Offset].CopyTo(mac1);
        var mac2 = datagram[HelloMessage.Mac2Offset..HelloMessage.StaticOffset];
        if (hasCookie)
            crypto.Mac(cookie, datagram[..HelloMessage.Mac2Offset], mac2);
        else
            mac2.Clear();
    }

    private void SealFields(Span<byte> datagram, Span<byte> payload)
    {
        var state = State;
        HandshakeScript.Start(state, datagram[..HelloMessage.HeaderLength], cookie, remote.PublicKey);
        state.MixHash(ephemeral.PublicKey);

        // RemoteIdentity holds only points of full order, with which no agreement is zero.
        var agreed = HandshakeScript.TryMixAgreement(crypto, state, ephemeral, remote.AgreementKey);
        Invariant.Check(agreed);
        state.EncryptAndHash(crypto.PublicKey, datagram[HelloMessage.StaticOffset..HelloMessage.PayloadOffset]);
        agreed = HandshakeScript.TryMixAgreement(crypto, state, remote.AgreementKey);
        Invariant.Check(agreed);
        state.EncryptAndHash(payload[..^16], payload);
    }

    private bool TryReadFields(scoped SymmetricState state, AckMessage ack, Span<byte> payloadBuffer, out AckPayload payload)
    {
        payload = default;
        state.MixHash(ack.Header);
        state.MixHash(ack.Ephemeral);
        return HandshakeScript.TryMixAgreement(crypto, state, ephemeral, ack.Ephemeral)
            && HandshakeScript.TryMixAgreement(crypto, state, ack.Ephemeral)
            && HandshakeScript.TryOpenPayload(state, ack.SealedPayload, payloadBuffer, out var plaintext)
            && AckPayload.TryParse(plaintext, out payload);
    }

    private void RequireStage(Stage required)
    {
        if (stage != required)
        {
            throw new InvalidOperationException(
                $"The handshake is {stage}; this needs {required}. Every image of a HELLO takes a new object.");
        }
    }

    private enum Stage
    {
        New,
        Waiting,
        Over,
    }
}

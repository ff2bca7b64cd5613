using System.Buffers.Binary;

namespace MsgNet.Core;

/// <summary>
/// The symmetric half of a Noise handshake (Noise section 5.2, ChaChaPoly and SHA256): the running hash h, the chaining key ck and, once
/// a key was mixed in, the key k with its nonce n. It lives in memory its owner lends, so that a copy is a copy of 112 bytes and a wipe
/// wipes all there is.
/// </summary>
/// <remarks>Not thread-safe. Nothing is allocated.</remarks>
internal readonly ref struct SymmetricState
{
    /// <summary>Bytes of memory one state needs.</summary>
    public const int MemoryLength = 112;

    private const int HashLength = 32;
    private const int TagLength = 16;

    private readonly IChannelCrypto crypto;
    private readonly Span<byte> memory;

    /// <summary>The state that lives in <paramref name="memory"/>; initialize it before anything else, unless it was copied.</summary>
    /// <exception cref="ArgumentException">The memory is not <see cref="MemoryLength"/> bytes.</exception>
    public SymmetricState(IChannelCrypto crypto, Span<byte> memory)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        if (memory.Length != MemoryLength)
            throw new ArgumentException($"A symmetric state takes {MemoryLength} bytes of memory.", nameof(memory));

        this.crypto = crypto;
        this.memory = memory;
    }

    /// <summary>The running hash; after the last message, the channel binding.</summary>
    public ReadOnlySpan<byte> Hash => H;

    /// <summary>True once a key was mixed in: from then on <see cref="EncryptAndHash"/> encrypts.</summary>
    public bool HasKey => memory[104] != 0;

    private Span<byte> H => memory[..32];

    private Span<byte> ChainingKey => memory[32..64];

    private Span<byte> Key => memory[64..96];

    private Span<byte> Nonce => memory[96..104];

    /// <summary>Bytes that <see cref="EncryptAndHash"/> adds now: 16 or 0.</summary>
    public int Overhead => HasKey ? TagLength : 0;

    /// <summary>Starts a handshake: h = ck = the protocol's name, hashed if longer than 32 bytes; then the prologue is mixed in.</summary>
    public void Initialize(ReadOnlySpan<byte> protocolName, ReadOnlySpan<byte> prologue)
    {
        memory.Clear();
        if (protocolName.Length <= HashLength)
            protocolName.CopyTo(H);
        else
            crypto.Sha256(protocolName, default, H);

        H.CopyTo(ChainingKey);
        MixHash(prologue);
    }

    /// <summary>h = HASH(h ‖ data).</summary>
    public void MixHash(ReadOnlySpan<byte> data) => crypto.Sha256(H, data, H);

    /// <summary>(ck, k) = HKDF(ck, input); n = 0.</summary>
    public void MixKey(ReadOnlySpan<byte> inputKey)
    {
        NoiseHkdf.Derive(crypto, ChainingKey, inputKey, ChainingKey, Key);
        Nonce.Clear();
        memory[104] = 1;
    }

    /// <summary>
    /// Encrypts under k and n with h as associated data, if there is a k, and mixes the ciphertext into h.
    /// <paramref name="ciphertext"/> is <see cref="Overhead"/> bytes longer than <paramref name="plaintext"/>; both may begin at one byte.
    /// </summary>
    public void EncryptAndHash(ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        CheckLengths(plaintext.Length, ciphertext.Length);
        if (HasKey)
            crypto.SealHandshake(Key, TakeNonce(), H, plaintext, ciphertext);
        else
            plaintext.CopyTo(ciphertext);

        MixHash(ciphertext);
    }

    /// <summary>
    /// Decrypts what <see cref="EncryptAndHash"/> made. False when it is forged; the state is then as it was before.
    /// <paramref name="plaintext"/> is <see cref="Overhead"/> bytes shorter than <paramref name="ciphertext"/>; they may not overlap.
    /// </summary>
    public bool TryDecryptAndHash(ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        CheckLengths(plaintext.Length, ciphertext.Length);
        if (!HasKey)
            ciphertext.CopyTo(plaintext);
        else if (crypto.TryOpenHandshake(Key, BinaryPrimitives.ReadUInt64LittleEndian(Nonce), H, ciphertext, plaintext))
            TakeNonce();
        else
            return false;

        MixHash(ciphertext);
        return true;
    }

    /// <summary>HMAC(ck, label): a key bound to the handshake so far, independent of the keys <see cref="Split"/> gives.</summary>
    public void DeriveKey(ReadOnlySpan<byte> label, Span<byte> key32) => crypto.HmacSha256(ChainingKey, label, key32);

    /// <summary>The two session keys: initiator to responder, and back.</summary>
    public void Split(Span<byte> initiatorToResponder, Span<byte> responderToInitiator) =>
        NoiseHkdf.Derive(crypto, ChainingKey, default, initiatorToResponder, responderToInitiator);

    /// <summary>Copies the state into <paramref name="destination"/>, the memory of another state.</summary>
    public void CopyTo(SymmetricState destination) => memory.CopyTo(destination.memory);

    /// <summary>Overwrites everything.</summary>
    public void Wipe() => crypto.Wipe(memory);

    private ulong TakeNonce()
    {
        var nonce = BinaryPrimitives.ReadUInt64LittleEndian(Nonce);
        BinaryPrimitives.WriteUInt64LittleEndian(Nonce, nonce + 1);
        return nonce;
    }

    private void CheckLengths(int plaintextLength, int ciphertextLength)
    {
        if (ciphertextLength - plaintextLength != Overhead)
            throw new ArgumentException($"The ciphertext must be {Overhead} bytes longer than the plaintext.");
    }
}

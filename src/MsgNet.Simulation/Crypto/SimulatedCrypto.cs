using System.Security.Cryptography;
using MsgNet.Core;

namespace MsgNet.Simulation;

/// <summary>
/// The simulator's stand-in for the cryptography of a node. IT PROTECTS NOTHING and must never meet a real network. It is fast and
/// repeatable, and keeps every check of the protocol meaningful: agreements agree only between the right keys, a wrong key, nonce,
/// counter or associated data and any flipped bit are refused, hashes depend on every bit, and no plaintext shows in a datagram.
/// </summary>
internal sealed class SimulatedCrypto : IChannelCrypto
{
    public const int KeyLength = StandInAgreement.KeyLength;
    private const int ConcatenationOnStackMax = 2048;
    private const ulong Sha256Domain = 1;
    private const ulong HmacDomain = 2;
    private const ulong MacDomain = 3;
    private const ulong HashDomain = 4;
    private readonly byte[] privateKey;
    private readonly byte[] publicKey = new byte[KeyLength];
    private readonly IRandom random;

    /// <param name="privateKey">Any 32 bytes; copied.</param>
    /// <param name="random">The node's randomness, for ephemeral keys.</param>
    public SimulatedCrypto(ReadOnlySpan<byte> privateKey, IRandom random)
    {
        RequireLength(privateKey, KeyLength, nameof(privateKey));
        this.privateKey = privateKey.ToArray();
        this.random = random;
        StandInAgreement.PublicOf(privateKey, publicKey);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> PublicKey => publicKey;

    /// <inheritdoc/>
    public bool HasAes256Gcm => true;

    /// <summary>Agreements computed so far: what a handshake would cost in earnest.</summary>
    public long Agreements { get; private set; }

    /// <inheritdoc/>
    public bool TryConvertPublicKey(ReadOnlySpan<byte> ed25519, Span<byte> x25519)
    {
        RequireLength(x25519, KeyLength, nameof(x25519));
        if (ed25519.Length == KeyLength)
            return StandInAgreement.TryConvert(ed25519, x25519);

        x25519.Clear();
        return false;
    }

    /// <inheritdoc/>
    public bool TryAgreeIdentity(ReadOnlySpan<byte> remoteX25519, Span<byte> shared)
    {
        RequireLength(remoteX25519, KeyLength, nameof(remoteX25519));
        RequireLength(shared, KeyLength, nameof(shared));
        CountAgreement();
        return StandInAgreement.TryAgree(privateKey, remoteX25519, shared);
    }

    /// <inheritdoc/>
    public IEphemeralKey CreateEphemeral() => new SimulatedEphemeralKey(this, random);

    /// <inheritdoc/>
    public void Sha256(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, Span<byte> hash32) => Hash(Sha256Domain, a, b, hash32);

    /// <inheritdoc/>
    public void HmacSha256(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> hash32)
    {
        RequireLength(hash32, 32, nameof(hash32));
        var mixer = new StandInMixer(HmacDomain);
        mixer.Absorb(key);
        mixer.Absorb(data);
        mixer.Finish(hash32);
    }

    /// <inheritdoc/>
    public void Mac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac16)
    {
        RequireLength(mac16, 16, nameof(mac16));
        if (key.Length is < 16 or > 64)
            throw new ArgumentException($"A key of 16 to 64 bytes is needed, not {key.Length}.", nameof(key));

        var mixer = new StandInMixer(MacDomain);
        mixer.Absorb(key);
        mixer.Absorb(data);
        mixer.Finish(mac16);
    }

    /// <inheritdoc/>
    public void Hash32(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> data, Span<byte> hash32) => Hash(HashDomain, prefix, data, hash32);

    /// <inheritdoc/>
    public bool MacEquals(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => CryptographicOperations.FixedTimeEquals(a, b);

    /// <inheritdoc/>
    public void SealHandshake(
        ReadOnlySpan<byte> key, ulong nonce, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        RequireLength(key, KeyLength, nameof(key));
        RequireLength(ciphertext, plaintext.Length + StandInCipher.TagLength, nameof(ciphertext));
        StandInCipher.Seal(key, nonce, ad, plaintext, ciphertext);
    }

    /// <inheritdoc/>
    public bool TryOpenHandshake(
        ReadOnlySpan<byte> key, ulong nonce, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        RequireLength(key, KeyLength, nameof(key));
        RequireLength(plaintext, Math.Max(0, ciphertext.Length - StandInCipher.TagLength), nameof(plaintext));
        return StandInCipher.TryOpen(key, nonce, ad, ciphertext, plaintext);
    }

    /// <inheritdoc/>
    public void SealCookie(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce24, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        RequireLength(key, KeyLength, nameof(key));
        RequireLength(ciphertext, plaintext.Length + StandInCipher.TagLength, nameof(ciphertext));
        Span<byte> derived = stackalloc byte[KeyLength];
        DeriveCookieKey(key, nonce24, derived);
        StandInCipher.Seal(derived, 0, ad, plaintext, ciphertext);
    }

    /// <inheritdoc/>
    public bool TryOpenCookie(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce24, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        RequireLength(key, KeyLength, nameof(key));
        RequireLength(plaintext, Math.Max(0, ciphertext.Length - StandInCipher.TagLength), nameof(plaintext));
        Span<byte> derived = stackalloc byte[KeyLength];
        DeriveCookieKey(key, nonce24, derived);
        return StandInCipher.TryOpen(derived, 0, ad, ciphertext, plaintext);
    }

    /// <inheritdoc/>
    public ISealingKey CreateSealingKey(PacketSuite suite, ReadOnlySpan<byte> key32) => new SimulatedSealingKey(suite, key32);

    /// <inheritdoc/>
    public IOpeningKey CreateOpeningKey(PacketSuite suite, ReadOnlySpan<byte> key32) => new SimulatedOpeningKey(suite, key32);

    /// <inheritdoc/>
    public void Wipe(Span<byte> secret) => CryptographicOperations.ZeroMemory(secret);

    internal void CountAgreement() => Agreements++;

    internal static void RequireLength(ReadOnlySpan<byte> bytes, int length, string name)
    {
        if (bytes.Length != length)
            throw new ArgumentException($"{name} must have {length} bytes, not {bytes.Length}.", name);
    }

    private static void DeriveCookieKey(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce24, Span<byte> derived)
    {
        RequireLength(nonce24, 24, nameof(nonce24));
        var mixer = new StandInMixer(HashDomain);
        mixer.Absorb(key);
        mixer.Absorb(nonce24);
        mixer.Finish(derived);
    }

    private static void Hash(ulong domain, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, Span<byte> hash32)
    {
        RequireLength(hash32, 32, nameof(hash32));
        var length = a.Length + b.Length;
        Span<byte> both = length <= ConcatenationOnStackMax ? stackalloc byte[ConcatenationOnStackMax] : new byte[length];
        a.CopyTo(both);
        b.CopyTo(both[a.Length..]);
        var mixer = new StandInMixer(domain);
        mixer.Absorb(both[..length]);
        mixer.Finish(hash32);
    }
}

using System.Security.Cryptography;
using MsgNet.Core;

namespace MsgNet.Sodium;

/// <summary>
/// The channel's cryptography by libsodium; SHA-256 by the runtime, which uses the CPU's instructions for it. Its HMAC, always of a few
/// bytes, is libsodium's: the runtime's goes through locks and counts that all threads share, which costs more than the instructions save.
/// </summary>
/// <remarks>
/// Safe on any thread as long as its <see cref="IRandom"/> is. Keys outlive its disposal; the identity stays its owner's.
/// </remarks>
internal sealed unsafe class SodiumChannelCrypto : IChannelCrypto, IDisposable
{
    private const int HashLength = 32;
    private const int MacLength = 16;
    private const int TagLength = 16;
    private const int JoinLengthMax = 2048;

    private readonly Identity identity;
    private readonly IRandom random;
    private readonly SecureSlab keys;
    private readonly AesWorkspaces aesSealing;
    private readonly AesWorkspaces aesOpening;

    /// <summary>The cryptography of the node with this identity.</summary>
    public SodiumChannelCrypto(Identity identity, IRandom random)
        : this(identity, random, AesLibrariesOfMachine.Present, SecureSlab.SessionKeys)
    {
    }

    /// <summary>The same with some of the machine's libraries for AES only, and another place for keys.</summary>
    internal SodiumChannelCrypto(Identity identity, IRandom random, AesLibraries aes, SecureSlab keys)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(random);
        this.identity = identity;
        this.random = random;
        this.keys = keys;
        HasAes256Gcm = aes != AesLibraries.None;
        aesSealing = new AesWorkspaces(seals: true, aes);
        aesOpening = new AesWorkspaces(seals: false, aes);
    }

    public ReadOnlySpan<byte> PublicKey => identity.PublicKey;

    public bool HasAes256Gcm { get; } // SEC-125

    /// <summary>Keys where its keys lie that were created and not disposed yet.</summary>
    internal int KeysInUse => keys.Used;

    public bool TryConvertPublicKey(ReadOnlySpan<byte> ed25519, Span<byte> x25519)
    {
        RequireLength(x25519, SodiumScalarMult.Length);
        if (ed25519.Length == SodiumSign.PublicKeyLength && Ed25519Encoding.IsCanonical(ed25519))
        {
            fixed (byte* from = ed25519, to = x25519)
            {
                if (SodiumSign.PublicKeyToCurve25519(to, from) == 0)
                    return true;
            }
        }

        x25519.Clear();
        return false;
    }

    public bool TryAgreeIdentity(ReadOnlySpan<byte> remoteX25519, Span<byte> shared) => identity.TryAgree(remoteX25519, shared);

    public IEphemeralKey CreateEphemeral()
    {
        Span<byte> secret = stackalloc byte[SodiumScalarMult.Length];
        random.Fill(secret);
        var key = new SodiumEphemeralKey(keys.Store(secret));
        Wipe(secret);
        return key;
    }

    public void Sha256(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, Span<byte> hash32)
    {
        RequireLength(hash32, HashLength);
        if (b.IsEmpty)
        {
            SHA256.HashData(a, hash32);
            return;
        }

        var length = a.Length + b.Length;
        if (length > JoinLengthMax)
        {
            // No datagram is this long; only a stream's handshake may be.
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(a);
            hash.AppendData(b);
            hash.GetHashAndReset(hash32);
            return;
        }

        Span<byte> joined = stackalloc byte[length];
        a.CopyTo(joined);
        b.CopyTo(joined[a.Length..]);
        SHA256.HashData(joined, hash32);
    }

    public void HmacSha256(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> hash32)
    {
        RequireLength(hash32, HashLength);
        var state = stackalloc ulong[SodiumHmacSha256.StateLength / sizeof(ulong)];
        fixed (byte* k = key, d = data, hash = hash32)
        {
            Invariant.Check(SodiumHmacSha256.Init(state, k, (nuint)key.Length) == 0);
            Invariant.Check(SodiumHmacSha256.Update(state, d, (ulong)data.Length) == 0);
            Invariant.Check(SodiumHmacSha256.Final(state, hash) == 0);
        }
    }

    public void Mac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac16)
    {
        RequireLength(mac16, MacLength);
        if (key.Length is < SodiumGenericHash.KeyLengthMin or > SodiumGenericHash.KeyLengthMax)
            throw new ArgumentException("A BLAKE2b key takes 16 to 64 bytes.", nameof(key));

        fixed (byte* k = key, d = data, mac = mac16)
            Invariant.Check(SodiumGenericHash.Hash(mac, MacLength, d, (ulong)data.Length, k, (nuint)key.Length) == 0);
    }

    public void Hash32(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> data, Span<byte> hash32)
    {
        RequireLength(hash32, HashLength);
        const int Alignment = 64;
        var room = stackalloc byte[SodiumGenericHash.StateLength + Alignment];
        var state = (byte*)(((nuint)room + Alignment - 1) & ~(nuint)(Alignment - 1));
        fixed (byte* p = prefix, d = data, hash = hash32)
        {
            Invariant.Check(SodiumGenericHash.Init(state, null, 0, HashLength) == 0);
            Invariant.Check(SodiumGenericHash.Update(state, p, (ulong)prefix.Length) == 0);
            Invariant.Check(SodiumGenericHash.Update(state, d, (ulong)data.Length) == 0);
            Invariant.Check(SodiumGenericHash.Final(state, hash, HashLength) == 0);
        }
    }

    public bool MacEquals(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => CryptographicOperations.FixedTimeEquals(a, b);

    public void SealHandshake(
        ReadOnlySpan<byte> key, ulong nonce, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        RequireLength(key, SodiumAeadChaCha20Poly1305.KeyLength);
        RequireLength(ciphertext, plaintext.Length + TagLength);
        var n = stackalloc byte[SodiumAeadChaCha20Poly1305.NonceLength];
        PacketCipher.WriteNonce(n, nonce);
        fixed (byte* k = key, a = ad, p = plaintext, c = ciphertext)
            _ = SodiumAeadChaCha20Poly1305.Encrypt(c, null, p, (ulong)plaintext.Length, a, (ulong)ad.Length, null, n, k);
    }

    public bool TryOpenHandshake(
        ReadOnlySpan<byte> key, ulong nonce, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        RequireLength(key, SodiumAeadChaCha20Poly1305.KeyLength);
        if (!HasTag(ciphertext, plaintext))
            return false;

        var n = stackalloc byte[SodiumAeadChaCha20Poly1305.NonceLength];
        PacketCipher.WriteNonce(n, nonce);
        fixed (byte* k = key, a = ad, p = plaintext, c = ciphertext)
        {
            return SodiumAeadChaCha20Poly1305.Decrypt(
                p, null, null, c, (ulong)ciphertext.Length, a, (ulong)ad.Length, n, k) == 0;
        }
    }

    public void SealCookie(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce24, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        RequireLength(key, SodiumAeadXChaCha20Poly1305.KeyLength);
        RequireLength(nonce24, SodiumAeadXChaCha20Poly1305.NonceLength);
        RequireLength(ciphertext, plaintext.Length + TagLength);
        fixed (byte* k = key, n = nonce24, a = ad, p = plaintext, c = ciphertext)
            _ = SodiumAeadXChaCha20Poly1305.Encrypt(c, null, p, (ulong)plaintext.Length, a, (ulong)ad.Length, null, n, k);
    }

    public bool TryOpenCookie(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce24, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        RequireLength(key, SodiumAeadXChaCha20Poly1305.KeyLength);
        RequireLength(nonce24, SodiumAeadXChaCha20Poly1305.NonceLength);
        if (!HasTag(ciphertext, plaintext))
            return false;

        fixed (byte* k = key, n = nonce24, a = ad, p = plaintext, c = ciphertext)
        {
            return SodiumAeadXChaCha20Poly1305.Decrypt(
                p, null, null, c, (ulong)ciphertext.Length, a, (ulong)ad.Length, n, k) == 0;
        }
    }

    public ISealingKey CreateSealingKey(PacketSuite suite, ReadOnlySpan<byte> key32)
    {
        RequireSuite(suite);
        return suite == PacketSuite.Aes256Gcm
            ? new AesSealingKey(aesSealing, keys.Store(key32))
            : new SodiumSealingKey(keys.Store(key32));
    }

    public IOpeningKey CreateOpeningKey(PacketSuite suite, ReadOnlySpan<byte> key32)
    {
        RequireSuite(suite);
        return suite == PacketSuite.Aes256Gcm
            ? new AesOpeningKey(aesOpening, keys.Store(key32))
            : new SodiumOpeningKey(keys.Store(key32));
    }

    public void Wipe(Span<byte> secret) => CryptographicOperations.ZeroMemory(secret);

    public void Dispose()
    {
        aesSealing.Dispose();
        aesOpening.Dispose();
    }

    /// <summary>X25519; false, and zeros, when the output is all zeros.</summary>
    internal static bool TryAgree(byte* secret, ReadOnlySpan<byte> remoteX25519, Span<byte> shared)
    {
        RequireLength(remoteX25519, SodiumScalarMult.Length);
        RequireLength(shared, SodiumScalarMult.Length);
        fixed (byte* remote = remoteX25519, output = shared)
        {
            if (SodiumScalarMult.Multiply(output, secret, remote) == 0)
                return true;
        }

        shared.Clear();
        return false;
    }

    private void RequireSuite(PacketSuite suite)
    {
        if (suite == PacketSuite.Aes256Gcm && !HasAes256Gcm)
            throw new ArgumentException("There is no AES-256-GCM here: offer and use ChaCha20Poly1305.", nameof(suite));
    }

    private static bool HasTag(ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        if (ciphertext.Length < TagLength)
        {
            plaintext.Clear();
            return false;
        }

        RequireLength(plaintext, ciphertext.Length - TagLength);
        return true;
    }

    private static void RequireLength(ReadOnlySpan<byte> bytes, int length)
    {
        if (bytes.Length != length)
            throw new ArgumentException($"Expected {length} bytes, not {bytes.Length}.");
    }
}

using System.Security.Cryptography;
using MsgNet.Core;
using MsgNet.Sodium;

namespace MsgNet;

/// <summary>
/// An Ed25519 key pair: who a node is. The secret half lies in memory that is locked against swapping, left out of core dumps and wiped on
/// disposal; it is never printed.
/// </summary>
/// <remarks>Safe on any thread. Whoever creates an identity disposes it, after the nodes that use it.</remarks>
public sealed unsafe class Identity : IDisposable
{
    /// <summary>Bytes of a seed.</summary>
    public const int SeedLength = SodiumSign.SeedLength;

    /// <summary>Bytes of a public key.</summary>
    public const int PublicKeyLength = SodiumSign.PublicKeyLength;

    /// <summary>Bytes of a signature.</summary>
    public const int SignatureLength = SodiumSign.SignatureLength;

    private const int AgreementKeyLength = SodiumScalarMult.Length;

    // ID-025: seed ‖ public key, then the X25519 form, in one place.
    private readonly SecureMemory secrets;
    private readonly byte[] publicKey = new byte[PublicKeyLength];
    private readonly byte[] agreementKey = new byte[AgreementKeyLength];

    private int fresh;

    private Identity(ReadOnlySpan<byte> seed, bool isFresh) // ID-001
    {
        fresh = isFresh ? 1 : 0;
        Span<byte> made = stackalloc byte[SodiumSign.SecretKeyLength + AgreementKeyLength];
        SodiumCore.Start();
        try
        {
            fixed (byte* from = seed, secret = made, shown = publicKey, converted = agreementKey)
            {
                Invariant.Check(SodiumSign.SeedKeypair(shown, secret, from) == 0);
                Invariant.Check(SodiumSign.SecretKeyToCurve25519(secret + SodiumSign.SecretKeyLength, secret) == 0);
                Invariant.Check(SodiumSign.PublicKeyToCurve25519(converted, shown) == 0);
            }

            secrets = SecureSlab.Identities.Store(made);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(made);
        }

        Id = PeerId.FromEd25519(publicKey);
    }

    /// <summary>The peer id that others know this identity by.</summary>
    public PeerId Id { get; }

    /// <summary>The public key, 32 bytes.</summary>
    public ReadOnlySpan<byte> PublicKey => publicKey;

    /// <summary>The public key in its X25519 form, 32 bytes: what Serval calls the SID of this identity.</summary>
    public ReadOnlySpan<byte> AgreementPublicKey => agreementKey;

    /// <summary>
    /// True when <see cref="Generate"/> or <see cref="LoadOrCreate"/> made it just now and no host has used it yet: nothing can have been
    /// sent to it before. The first host that uses it makes it false.
    /// </summary>
    public bool IsFresh => Volatile.Read(ref fresh) == 1;

    /// <summary>A new identity.</summary>
    /// <exception cref="LibsodiumMissingException">libsodium is not installed.</exception>
    /// <exception cref="InsufficientMemoryException">The system grants no more memory for keys.</exception>
    public static Identity Generate()
    {
        Span<byte> seed = stackalloc byte[SeedLength];
        try
        {
            SystemRandom.Instance.Fill(seed);
            return new Identity(seed, isFresh: true);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>The identity of a seed. The caller wipes the seed.</summary>
    /// <param name="seed">32 secret random bytes.</param>
    /// <exception cref="ArgumentException">The seed is not 32 bytes.</exception>
    /// <exception cref="LibsodiumMissingException">libsodium is not installed.</exception>
    /// <exception cref="InsufficientMemoryException">The system grants no more memory for keys.</exception>
    public static Identity FromSeed(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != SeedLength)
            throw new ArgumentException($"A seed has {SeedLength} bytes, not {seed.Length}.", nameof(seed));

        return new Identity(seed, isFresh: false);
    }

    /// <summary>Reads a key file: the libp2p private key message that <see cref="Save"/> writes.</summary>
    /// <param name="path">The file; on Unix nobody but its owner may have any right to it.</param>
    /// <exception cref="IOException">The file does not exist or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Others than the owner have rights to the file, or this user has none.</exception>
    /// <exception cref="InvalidDataException">The file holds no Ed25519 private key, or its halves do not belong together.</exception>
    public static Identity Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Span<byte> seed = stackalloc byte[SeedLength];
        Span<byte> expected = stackalloc byte[PublicKeyLength];
        try
        {
            KeyFile.Read(path, seed, expected);
            var identity = new Identity(seed, isFresh: false);
            if (expected.SequenceEqual(identity.PublicKey))
                return identity;

            // ID-023
            identity.Dispose();
            throw new InvalidDataException($"The public key in '{path}' is not that of its private key. Restore the file from a backup.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>
    /// Reads a key file, or makes a new identity and saves it when there is none. Of several processes that do this at once, one
    /// creates the file and all use it.
    /// </summary>
    /// <inheritdoc cref="Load" path="/exception"/>
    public static Identity LoadOrCreate(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (File.Exists(path))
            return Load(path);

        var identity = Generate();
        try
        {
            identity.Save(path);
            return identity;
        }
        catch (IOException) when (File.Exists(path))
        {
            identity.Dispose();
            return Load(path);
        }
        catch
        {
            identity.Dispose();
            throw;
        }
    }

    /// <summary>Writes a key file that only its owner may read (mode 0600). It appears whole or not at all and replaces none.</summary>
    /// <exception cref="IOException">The file exists, or cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var held = false;
        try
        {
            secrets.DangerousAddRef(ref held);
            KeyFile.Write(path, secrets.Bytes[..SodiumSign.SecretKeyLength]);
        }
        finally
        {
            if (held)
                secrets.DangerousRelease();
        }
    }

    /// <summary>Signs <paramref name="data"/>.</summary>
    /// <param name="data">What to sign.</param>
    /// <param name="signature">Receives 64 bytes.</param>
    /// <exception cref="ArgumentException">The signature's room is not 64 bytes.</exception>
    /// <exception cref="ObjectDisposedException">The identity was disposed.</exception>
    public void Sign(ReadOnlySpan<byte> data, Span<byte> signature)
    {
        if (signature.Length != SignatureLength)
            throw new ArgumentException($"A signature takes {SignatureLength} bytes, not {signature.Length}.", nameof(signature));

        var held = false;
        try
        {
            secrets.DangerousAddRef(ref held);
            fixed (byte* output = signature, message = data, secret = secrets.Bytes)
                Invariant.Check(SodiumSign.Detached(output, null, message, (ulong)data.Length, secret) == 0);
        }
        finally
        {
            if (held)
                secrets.DangerousRelease();
        }
    }

    /// <summary>
    /// True when <paramref name="signature"/> is that of <paramref name="data"/> by the owner of <paramref name="publicKey"/>; false for
    /// anything else, wrong lengths included.
    /// </summary>
    /// <exception cref="LibsodiumMissingException">libsodium is not installed.</exception>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != PublicKeyLength || signature.Length != SignatureLength)
            return false;

        SodiumCore.Start();
        fixed (byte* claimed = signature, message = data, key = publicKey)
            return SodiumSign.VerifyDetached(claimed, message, (ulong)data.Length, key) == 0;
    }

    /// <summary>The peer id.</summary>
    public override string ToString() => Id.ToString();

    /// <inheritdoc/>
    public void Dispose() => secrets.Dispose();

    /// <summary>
    /// True for the first caller alone, and only when the identity is fresh: a second host must not take for new what the first was sent.
    /// </summary>
    internal bool TakeFreshness() => Interlocked.Exchange(ref fresh, 0) == 1; // SEC-058

    /// <summary>X25519 with this identity; false, and zeros, when the output is all zeros.</summary>
    internal bool TryAgree(ReadOnlySpan<byte> remoteX25519, Span<byte> shared)
    {
        var held = false;
        try
        {
            secrets.DangerousAddRef(ref held);
            fixed (byte* secret = secrets.Bytes)
                return SodiumChannelCrypto.TryAgree(secret + SodiumSign.SecretKeyLength, remoteX25519, shared);
        }
        finally
        {
            if (held)
                secrets.DangerousRelease();
        }
    }
}

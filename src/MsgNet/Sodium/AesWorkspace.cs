using System.Security.Cryptography;
using MsgNet.Core;
using MsgNet.OpenSsl;

namespace MsgNet.Sodium;

/// <summary>
/// AES-256-GCM in one direction, for one thread at a time. Expanded, a key takes 512 bytes in libsodium and 1,200 in OpenSSL; here is one
/// place for each, which holds the key used last, so ten thousand idle sessions cost what one does. libsodium is faster for short packets,
/// OpenSSL for long ones; where one is missing the other does both.
/// </summary>
/// <remarks>
/// Everything but <see cref="Holds"/> is called under <see cref="Gate"/>, which <see cref="AesWorkspaces"/> takes. The keys themselves lie
/// in a <see cref="SecureSlab"/>; <see cref="Forget"/> wipes what was expanded from one.
/// </remarks>
internal sealed unsafe class AesWorkspace(bool seals, AesLibraries libraries) : IDisposable
{
    /// <summary>
    /// Length of the frames from which OpenSSL, with a higher cost for each packet and a lower one for each byte, is the faster: decision
    /// 0025.
    /// </summary>
    public const int OpenSslLengthMin = 448;

    // From this length on OpenSSL does it.
    private readonly int openSslFrom =
        libraries == AesLibraries.OpenSsl ? 0 : libraries == AesLibraries.Sodium ? int.MaxValue : OpenSslLengthMin;

    private SecureMemory? sodium;
    private SecureMemory? sodiumKey;
    private OpenSslAesGcm? openSsl;
    private SecureMemory? openSslKey;

    /// <summary>A leaf: whose turn it is.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Whether anything that was expanded from a key lies here.</summary>
    internal bool ShowsKeys => openSsl is not null || (sodium is not null && sodium.Bytes.ContainsAnyExcept((byte)0));

    /// <summary>Writes the counter and seals with it.</summary>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void Seal(SecureMemory key, ulong counter, Span<byte> datagram, int plaintextLength)
    {
        ObjectDisposedException.ThrowIf(key.IsClosed, key);
        var nonce = stackalloc byte[PacketCipher.NonceLength];
        PacketCipher.WriteCounter(datagram, counter);
        PacketCipher.WriteNonce(nonce, counter); // SEC-126
        fixed (byte* packet = datagram)
        {
            var frames = packet + DataHeader.Length;
            if (plaintextLength >= openSslFrom)
                InOpenSsl(key).Seal(packet, plaintextLength, nonce);
            else
                _ = SodiumAeadAes256Gcm.Encrypt(
                    frames, null, frames, (ulong)plaintextLength, packet, DataHeader.Length, null, nonce, InSodium(key));
        }
    }

    /// <summary>Opens in place; false, and zeros instead of frames, when it is forged.</summary>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public bool TryOpen(SecureMemory key, ulong counter, Span<byte> datagram)
    {
        ObjectDisposedException.ThrowIf(key.IsClosed, key);
        var nonce = stackalloc byte[PacketCipher.NonceLength];
        PacketCipher.WriteNonce(nonce, counter);
        var plaintextLength = datagram.Length - Limits.SealOverhead;
        fixed (byte* packet = datagram)
        {
            var frames = packet + DataHeader.Length;
            if (plaintextLength >= openSslFrom)
                return InOpenSsl(key).TryOpen(packet, plaintextLength, nonce);

            var length = (ulong)(datagram.Length - DataHeader.Length);
            return SodiumAeadAes256Gcm.Decrypt(
                frames, null, null, frames, length, packet, DataHeader.Length, nonce, InSodium(key)) == 0;
        }
    }

    /// <summary>Wipes what was expanded from a key; no packet is under way with it any more.</summary>
    public void Forget(SecureMemory key)
    {
        if (key == sodiumKey)
            ForgetSodium();
        if (key == openSslKey)
            ForgetOpenSsl();
    }

    /// <summary>Wipes and frees the places. A key that is still used makes them anew.</summary>
    public void Dispose()
    {
        ForgetSodium();
        ForgetOpenSsl();
        sodium?.Dispose();
        sodium = null;
    }

    /// <summary>Whether that key was the last one used. On any thread: a hint, unless the lock is held.</summary>
    public bool Holds(SecureMemory key) => key == sodiumKey || key == openSslKey;

    private byte* InSodium(SecureMemory key)
    {
        sodium ??= SecureSlab.AesStates.Take();
        var state = (byte*)sodium.DangerousGetHandle();
        if (key == sodiumKey)
            return state;

        sodiumKey = key;
        _ = SodiumAeadAes256Gcm.Expand(state, (byte*)key.DangerousGetHandle());
        return state;
    }

    private OpenSslAesGcm InOpenSsl(SecureMemory key)
    {
        openSsl ??= new OpenSslAesGcm(seals);
        if (key == openSslKey)
            return openSsl;

        openSslKey = key;
        openSsl.SetKey((byte*)key.DangerousGetHandle());
        return openSsl;
    }

    private void ForgetSodium()
    {
        sodiumKey = null;
        if (sodium is not null)
            CryptographicOperations.ZeroMemory(sodium.Bytes); // SEC-128
    }

    private void ForgetOpenSsl()
    {
        openSslKey = null;
        openSsl?.Dispose(); // SEC-128
        openSsl = null;
    }
}

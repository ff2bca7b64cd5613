using System.Security.Cryptography;
using MsgNet.Core;
using MsgNet.OpenSsl;

namespace MsgNet.Sodium;

/// <summary>
/// AES-256-GCM for all keys of one host and one direction. Expanded, a key takes 512 bytes in libsodium and 1,200 in OpenSSL; here is one
/// place for each, which holds the key used last, so ten thousand idle sessions cost what one does. libsodium is faster for short packets,
/// OpenSSL for long ones; where one is missing the other does both.
/// </summary>
/// <remarks>
/// Safe on any thread; its lock is a leaf, and free whenever the host's gate is held. The keys themselves lie in a
/// <see cref="SecureSlab"/>. <see cref="Remove"/> wipes a key and what was expanded from it.
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

    private readonly Lock gate = new();
    private SecureMemory? sodium;
    private SecureMemory? sodiumKey;
    private OpenSslAesGcm? openSsl;
    private SecureMemory? openSslKey;

    /// <summary>Whether anything that was expanded from a key lies here.</summary>
    internal bool ShowsKeys => openSsl is not null || (sodium is not null && sodium.Bytes.ContainsAnyExcept((byte)0));

    /// <summary>Takes a counter and seals with it.</summary>
    /// <exception cref="ObjectDisposedException">The key was removed.</exception>
    public ulong Seal(SecureMemory key, ref PacketCounter counter, Span<byte> datagram, int plaintextLength)
    {
        var nonce = stackalloc byte[PacketCipher.NonceLength];
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(key.IsClosed, key);
            var number = counter.Take();
            PacketCipher.WriteCounter(datagram, number);
            PacketCipher.WriteNonce(nonce, number); // SEC-126
            fixed (byte* packet = datagram)
            {
                var frames = packet + DataHeader.Length;
                if (plaintextLength >= openSslFrom)
                    InOpenSsl(key).Seal(packet, plaintextLength, nonce);
                else
                    _ = SodiumAeadAes256Gcm.Encrypt(
                        frames, null, frames, (ulong)plaintextLength, packet, DataHeader.Length, null, nonce, InSodium(key));
            }

            return number;
        }
    }

    /// <summary>Opens in place; false, and zeros instead of frames, when it is forged.</summary>
    /// <exception cref="ObjectDisposedException">The key was removed.</exception>
    public bool TryOpen(SecureMemory key, ulong counter, Span<byte> datagram)
    {
        var nonce = stackalloc byte[PacketCipher.NonceLength];
        PacketCipher.WriteNonce(nonce, counter);
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(key.IsClosed, key);
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
    }

    /// <summary>Wipes a key, here and in its slab; no packet is under way with it any more.</summary>
    public void Remove(SecureMemory key)
    {
        lock (gate)
        {
            if (key == sodiumKey)
                ForgetSodium();
            if (key == openSslKey)
                ForgetOpenSsl();
            key.Dispose();
        }
    }

    /// <summary>Wipes and frees the places. A key that is still used makes them anew.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            ForgetSodium();
            ForgetOpenSsl();
            sodium?.Dispose();
            sodium = null;
        }
    }

    /// <summary>Whether that key was the last one used.</summary>
    internal bool Holds(SecureMemory key) => key == sodiumKey || key == openSslKey;

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

using System.Buffers.Binary;
using MsgNet.Core;

namespace MsgNet.Sodium;

/// <summary>
/// What the packet keys of both suites share, and the AEAD calls of ChaCha20-Poly1305 (SEC-001, SEC-014): header as associated data, frames
/// in place.
/// </summary>
internal static unsafe class PacketCipher
{
    public const int NonceLength = SodiumAeadChaCha20Poly1305.NonceLength;

    /// <summary>Refuses a datagram too short for its frames, before a counter is used.</summary>
    public static void RequireRoom(ReadOnlySpan<byte> datagram, int plaintextLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(plaintextLength);
        if (datagram.Length - Limits.SealOverhead < plaintextLength)
            throw new ArgumentException($"Leave {Limits.SealOverhead} bytes around the plaintext for header and tag.", nameof(datagram));
    }

    /// <summary>The counter a datagram names; false when it may carry none, or has no room for a tag.</summary>
    public static bool TryReadCounter(ReadOnlySpan<byte> datagram, out ulong counter)
    {
        counter = datagram.Length < Limits.SealOverhead ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(datagram[DataHeader.CounterOffset..]);
        return datagram.Length >= Limits.SealOverhead && counter < PacketCounter.RejectAfter;
    }

    public static void WriteCounter(Span<byte> datagram, ulong counter) =>
        BinaryPrimitives.WriteUInt64LittleEndian(datagram[DataHeader.CounterOffset..], counter);

    public static void Seal(byte* key, ulong counter, Span<byte> datagram, int plaintextLength)
    {
        var nonce = stackalloc byte[NonceLength];
        WriteNonce(nonce, counter);
        fixed (byte* packet = datagram)
        {
            var frames = packet + DataHeader.Length;
            _ = SodiumAeadChaCha20Poly1305.Encrypt(
                frames, null, frames, (ulong)plaintextLength, packet, DataHeader.Length, null, nonce, key);
        }
    }

    public static bool TryOpen(byte* key, ulong counter, Span<byte> datagram)
    {
        var nonce = stackalloc byte[NonceLength];
        WriteNonce(nonce, counter);
        fixed (byte* packet = datagram)
        {
            var frames = packet + DataHeader.Length;
            var length = (ulong)(datagram.Length - DataHeader.Length);
            return SodiumAeadChaCha20Poly1305.Decrypt(
                frames, null, null, frames, length, packet, DataHeader.Length, nonce, key) == 0;
        }
    }

    public static void WriteNonce(byte* nonce, ulong counter)
    {
        var bytes = new Span<byte>(nonce, NonceLength);
        bytes[..4].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[4..], counter);
    }
}

using System.Buffers.Binary;
using MsgNet.Core;

namespace MsgNet.Sodium;

/// <summary>The AEAD calls of the packet keys (SEC-001, SEC-014): header as associated data, frames in place.</summary>
internal static unsafe class PacketCipher
{
    public static void Seal(byte* key, ulong counter, Span<byte> datagram, int plaintextLength)
    {
        var nonce = stackalloc byte[SodiumAeadChaCha20Poly1305.NonceLength];
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
        var nonce = stackalloc byte[SodiumAeadChaCha20Poly1305.NonceLength];
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
        var bytes = new Span<byte>(nonce, SodiumAeadChaCha20Poly1305.NonceLength);
        bytes[..4].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[4..], counter);
    }
}

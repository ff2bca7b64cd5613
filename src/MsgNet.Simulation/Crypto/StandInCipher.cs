using System.Buffers.Binary;
using System.Security.Cryptography;
using MsgNet.Core;

namespace MsgNet.Simulation;

/// <summary>
/// Sealing for <see cref="SimulatedCrypto"/>: a stream XORed over the plaintext and a checksum over everything. NOT cryptography; but a
/// wrong key, nonce or associated data and any flipped bit are refused, and no plaintext shows.
/// </summary>
internal static class StandInCipher
{
    public const int TagLength = 16;
    private const ulong StreamStep = 0x9E37_79B9_7F4A_7C15;

    /// <summary>A key of a suite: what one seals, the other does not open.</summary>
    public static byte[] KeyFor(PacketSuite suite, ReadOnlySpan<byte> key32)
    {
        var key = key32.ToArray();
        foreach (ref var value in key.AsSpan())
            value ^= (byte)((int)suite * 0x5A);

        return key;
    }

    /// <summary>Seals; the ciphertext may begin where the plaintext does.</summary>
    public static void Seal(ReadOnlySpan<byte> key, ulong nonce, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        var body = ciphertext[..plaintext.Length];
        Xor(key, nonce, plaintext, body);
        Tag(key, nonce, ad, body, ciphertext.Slice(plaintext.Length, TagLength));
    }

    /// <summary>Opens; false, and zeros, when anything is wrong. The plaintext may begin where the ciphertext does.</summary>
    public static bool TryOpen(
        ReadOnlySpan<byte> key, ulong nonce, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        if (ciphertext.Length < TagLength)
        {
            plaintext.Clear();
            return false;
        }

        var body = ciphertext[..^TagLength];
        Span<byte> tag = stackalloc byte[TagLength];
        Tag(key, nonce, ad, body, tag);
        if (!CryptographicOperations.FixedTimeEquals(tag, ciphertext[^TagLength..]))
        {
            plaintext.Clear();
            return false;
        }

        Xor(key, nonce, body, plaintext);
        return true;
    }

    private static void Tag(ReadOnlySpan<byte> key, ulong nonce, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> body, Span<byte> tag)
    {
        var mixer = new StandInMixer(nonce);
        mixer.Absorb(key);
        mixer.Absorb(ad);
        mixer.Absorb(body);
        mixer.Finish(tag);
    }

    private static void Xor(ReadOnlySpan<byte> key, ulong nonce, ReadOnlySpan<byte> source, Span<byte> destination)
    {
        var stream = StandInMixer.Mix(BinaryPrimitives.ReadUInt64LittleEndian(key) ^ StandInMixer.Mix(nonce))
            ^ BinaryPrimitives.ReadUInt64LittleEndian(key[8..])
            ^ StandInMixer.Mix(BinaryPrimitives.ReadUInt64LittleEndian(key[16..]) + BinaryPrimitives.ReadUInt64LittleEndian(key[24..]));
        var i = 0;
        for (; source.Length - i >= sizeof(ulong); i += sizeof(ulong))
        {
            stream += StreamStep;
            var word = BinaryPrimitives.ReadUInt64LittleEndian(source[i..]);
            BinaryPrimitives.WriteUInt64LittleEndian(destination[i..], word ^ StandInMixer.Mix(stream));
        }

        var last = StandInMixer.Mix(stream + StreamStep);
        for (; i < source.Length; i++, last >>= 8)
            destination[i] = (byte)(source[i] ^ (byte)last);
    }
}

using System.Buffers.Binary;

namespace MsgNet.Simulation;

/// <summary>
/// Key agreement for <see cref="SimulatedCrypto"/>: Diffie-Hellman four times over, modulo 2⁶¹ − 1. NOT cryptography (such logarithms
/// fall in minutes), but a true agreement: both ends find the same secret, and without one of the private keys the code under test
/// cannot.
/// </summary>
/// <remarks>
/// A key is four numbers. Its X25519 form is its Ed25519 form with the bytes reversed, so that code which forgets to convert fails. Any
/// 32 bytes are a valid public key, but for those that stand for zeros.
/// </remarks>
internal static class StandInAgreement
{
    public const int KeyLength = 32;
    private const ulong Modulus = (1UL << 61) - 1;
    private const ulong Generator = 37;

    /// <summary>The Ed25519 form of the public key of a private one.</summary>
    public static void PublicOf(ReadOnlySpan<byte> privateKey, Span<byte> ed25519)
    {
        for (var lane = 0; lane < KeyLength; lane += sizeof(ulong))
            BinaryPrimitives.WriteUInt64LittleEndian(ed25519[lane..], Power(Generator, Exponent(privateKey[lane..])));
    }

    /// <summary>The X25519 form of an Ed25519 public key; false, and zeros, when it stands for zero.</summary>
    public static bool TryConvert(ReadOnlySpan<byte> ed25519, Span<byte> x25519)
    {
        if (IsZero(ed25519))
        {
            x25519.Clear();
            return false;
        }

        ed25519.CopyTo(x25519);
        x25519.Reverse();
        return true;
    }

    /// <summary>The secret of a private key and a public key in X25519 form; false, and zeros, when that stands for zero.</summary>
    public static bool TryAgree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> x25519, Span<byte> shared)
    {
        Span<byte> ed25519 = stackalloc byte[KeyLength];
        x25519.CopyTo(ed25519);
        ed25519.Reverse();
        for (var lane = 0; lane < KeyLength; lane += sizeof(ulong))
        {
            var remote = BinaryPrimitives.ReadUInt64LittleEndian(ed25519[lane..]);
            BinaryPrimitives.WriteUInt64LittleEndian(shared[lane..], Power(remote % Modulus, Exponent(privateKey[lane..])));
        }

        return !IsZero(shared[..KeyLength]);
    }

    private static bool IsZero(ReadOnlySpan<byte> key)
    {
        var any = 0UL;
        for (var lane = 0; lane < KeyLength; lane += sizeof(ulong))
            any |= BinaryPrimitives.ReadUInt64LittleEndian(key[lane..]) % Modulus;
        return any == 0;
    }

    private static ulong Exponent(ReadOnlySpan<byte> lane) => (BinaryPrimitives.ReadUInt64LittleEndian(lane) % (Modulus - 2)) + 1;

    private static ulong Power(ulong value, ulong exponent)
    {
        var result = 1UL;
        for (; exponent != 0; exponent >>= 1)
        {
            if ((exponent & 1) != 0)
                result = Multiply(result, value);
            value = Multiply(value, value);
        }

        return result;
    }

    private static ulong Multiply(ulong a, ulong b)
    {
        // 2⁶¹ ≡ 1, so the high part of the product is simply added to the low one.
        var high = Math.BigMul(a, b, out var low);
        var sum = (low & Modulus) + ((low >> 61) | (high << 3));
        return sum >= Modulus ? sum - Modulus : sum;
    }
}

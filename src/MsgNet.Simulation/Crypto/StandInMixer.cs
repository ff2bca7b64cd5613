using System.Buffers.Binary;
using System.Numerics;

namespace MsgNet.Simulation;

/// <summary>
/// A keyed checksum of 256 bits with a state of 128, for <see cref="SimulatedCrypto"/>. NOT cryptography. What it does promise: every
/// step is one-to-one in the state, so two inputs that differ in one word never end in one state.
/// </summary>
internal struct StandInMixer
{
    private const ulong P1 = 0x9E37_79B9_7F4A_7C15;
    private const ulong P2 = 0xC2B2_AE3D_27D4_EB4F;
    private ulong a;
    private ulong b;

    public StandInMixer(ulong domain)
    {
        a = P1 ^ domain;
        b = P2 + domain;
    }

    /// <summary>A well mixed form of <paramref name="word"/>; one-to-one (the finaliser of SplitMix64).</summary>
    public static ulong Mix(ulong word)
    {
        word = (word ^ (word >> 30)) * 0xBF58_476D_1CE4_E5B9;
        word = (word ^ (word >> 27)) * 0x94D0_49BB_1331_11EB;
        return word ^ (word >> 31);
    }

    /// <summary>Takes in two words.</summary>
    public void Absorb(ulong first, ulong second)
    {
        a = Fold(a ^ first) * P1;
        b = BitOperations.RotateLeft(Fold(b ^ second) * P2, 31) + a;
        a ^= BitOperations.RotateLeft(b, 23);
    }

    /// <summary>Takes in bytes and their number, so that what follows cannot pass for part of them.</summary>
    public void Absorb(ReadOnlySpan<byte> bytes)
    {
        var length = (ulong)bytes.Length;
        for (; bytes.Length >= 16; bytes = bytes[16..])
            Absorb(BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));

        if (!bytes.IsEmpty)
        {
            Span<byte> last = stackalloc byte[16];
            last.Clear();
            bytes.CopyTo(last);
            Absorb(BinaryPrimitives.ReadUInt64LittleEndian(last), BinaryPrimitives.ReadUInt64LittleEndian(last[8..]));
        }

        Absorb(length, ~length);
    }

    /// <summary>Writes 16 bytes of the result, or 32.</summary>
    public void Finish(Span<byte> output)
    {
        for (var i = 0UL; !output.IsEmpty; i++)
        {
            Absorb(i, P2);
            BinaryPrimitives.WriteUInt64LittleEndian(output, Mix(a + BitOperations.RotateLeft(b, 17)));
            BinaryPrimitives.WriteUInt64LittleEndian(output[8..], Mix(b ^ BitOperations.RotateLeft(a, 41)));
            output = output[16..];
        }
    }

    // A product carries differences upwards only; this brings those of the high half down first.
    private static ulong Fold(ulong word) => word ^ (word >> 32);
}

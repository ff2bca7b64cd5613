using System.Buffers.Binary;
using MsgNet.Core;

namespace MsgNet.Testing;

/// <summary>Random bytes that are the same for the same seed: SplitMix64.</summary>
public sealed class SeededRandom(ulong seed) : IRandom
{
    private ulong state = seed;

    public void Fill(Span<byte> destination)
    {
        Span<byte> block = stackalloc byte[8];
        while (!destination.IsEmpty)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(block, Next());
            var count = Math.Min(block.Length, destination.Length);
            block[..count].CopyTo(destination);
            destination = destination[count..];
        }
    }

    private ulong Next()
    {
        state += 0x9E37_79B9_7F4A_7C15;
        var mixed = (state ^ (state >> 30)) * 0xBF58_476D_1CE4_E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB;
        return mixed ^ (mixed >> 31);
    }
}

using System.Buffers.Binary;
using System.Numerics;
using MsgNet.Core;

namespace MsgNet.Simulation;

/// <summary>
/// A 64-bit hash of everything that happened to datagrams, in order: equal hashes mean equal runs. In the manner of FNV-1a, but by words
/// of 64 bits with a rotation, because it sees every byte of every datagram. It tells runs apart and is no protection against anything.
/// </summary>
internal sealed class TraceHash
{
    private const ulong Prime = 0x0000_0100_0000_01B3;

    /// <summary>The hash so far.</summary>
    public ulong Value { get; private set; } = 0xCBF2_9CE4_8422_2325;

    /// <summary>Adds one datagram and what became of it.</summary>
    public void Add(Instant now, in NetAddress from, in NetAddress to, DatagramFate fate, ReadOnlySpan<byte> datagram)
    {
        var hash = Value;
        hash = Mix(hash, (ulong)now.Ticks);
        hash = Mix(Mix(hash, from.High), from.Low);
        hash = Mix(Mix(hash, to.High), to.Low);
        hash = Mix(hash, ((ulong)from.Port << 48) | ((ulong)to.Port << 32) | ((ulong)fate << 24) | (uint)datagram.Length);
        for (; datagram.Length >= sizeof(ulong); datagram = datagram[sizeof(ulong)..])
            hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(datagram));

        var last = 0UL;
        for (var i = 0; i < datagram.Length; i++)
            last |= (ulong)datagram[i] << (8 * i);
        Value = Mix(hash, last);
    }

    // Odd multiplication and rotation are both one-to-one: a difference once in stays in.
    private static ulong Mix(ulong hash, ulong word) => BitOperations.RotateLeft((hash ^ word) * Prime, 29);
}

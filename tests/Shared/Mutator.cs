using System.Buffers.Binary;

namespace MsgNet.Testing;

/// <summary>
/// Makes hostile inputs from good ones, the same for the same seed: bit flips, truncations, insertions, removals, splices of two inputs and
/// lies in what might be a length. Allocates nothing per input once its buffer has grown, so a test can measure the parser alone.
/// </summary>
public sealed class Mutator(int seed)
{
    private const int MutationsMax = 4;
    private const int InsertMax = 16;
    private const int GrowthMax = MutationsMax * (InsertMax + 1);

    private static readonly byte[] Edges = [0x00, 0x01, 0x7F, 0x80, 0x81, 0xFE, 0xFF];
    private readonly Random random = new(seed);
    private byte[] buffer = new byte[256];
    private int length;

    /// <summary>Numbers drawn from the same seed, for choices a test makes besides.</summary>
    public Random Random => random;

    /// <summary>
    /// The next input: one of <paramref name="corpus"/>, changed 1 to 4 times, or (1 in 16) as it is. Valid until the next call.
    /// </summary>
    public ReadOnlySpan<byte> Next(IReadOnlyList<byte[]> corpus)
    {
        ArgumentOutOfRangeException.ThrowIfZero(corpus.Count);
        Load(corpus[random.Next(corpus.Count)]);
        if (random.Next(16) == 0)
            return buffer.AsSpan(0, length);

        for (var left = random.Next(1, MutationsMax + 1); left > 0; left--)
            Mutate(corpus);
        return buffer.AsSpan(0, length);
    }

    private void Load(ReadOnlySpan<byte> input)
    {
        Reserve(input.Length + GrowthMax);
        input.CopyTo(buffer);
        length = input.Length;
    }

    private void Mutate(IReadOnlyList<byte[]> corpus)
    {
        switch (random.Next(8))
        {
            case 0:
                FlipBit();
                break;
            case 1:
                length = random.Next(length + 1);
                break;
            case 2:
                Insert(random.Next(1, InsertMax + 1));
                break;
            case 3:
                Remove();
                break;
            case 4:
                Splice(corpus[random.Next(corpus.Count)]);
                break;
            case 5:
                SetEdge();
                break;
            case 6:
                NudgeLength();
                break;
            default:
                LieWide();
                break;
        }
    }

    private void FlipBit()
    {
        if (length > 0)
            buffer[random.Next(length)] ^= (byte)(1 << random.Next(8));
    }

    private void Insert(int count)
    {
        Reserve(length + count);
        var at = random.Next(length + 1);
        buffer.AsSpan(at, length - at).CopyTo(buffer.AsSpan(at + count));
        random.NextBytes(buffer.AsSpan(at, count));
        length += count;
    }

    private void Remove()
    {
        if (length == 0)
            return;

        var at = random.Next(length);
        var count = random.Next(1, Math.Min(InsertMax, length - at) + 1);
        buffer.AsSpan(at + count, length - at - count).CopyTo(buffer.AsSpan(at));
        length -= count;
    }

    // The head of this input, then the tail of another: fields that are right one by one and wrong together.
    private void Splice(ReadOnlySpan<byte> other)
    {
        var head = random.Next(length + 1);
        var tail = other[random.Next(other.Length + 1)..];
        Reserve(head + tail.Length + GrowthMax);
        tail.CopyTo(buffer.AsSpan(head));
        length = head + tail.Length;
    }

    private void SetEdge()
    {
        if (length > 0)
            buffer[random.Next(length)] = Edges[random.Next(Edges.Length)];
    }

    // Off by one where a length may stand.
    private void NudgeLength()
    {
        if (length > 0)
            buffer[random.Next(length)] += (byte)(random.Next(2) == 0 ? 1 : 0xFF);
    }

    // A huge 16-bit, 32-bit or uvarint length in place of what was there.
    private void LieWide()
    {
        Span<byte> lie = stackalloc byte[9];
        var width = random.Next(3) switch { 0 => 2, 1 => 4, _ => 9 };
        lie.Fill(0xFF);
        if (width == 4)
            BinaryPrimitives.WriteInt32BigEndian(lie, random.Next(2) == 0 ? int.MaxValue : int.MinValue);
        if (width == 9)
            lie[8] = 0x7F;
        if (length < width)
            return;

        lie[..width].CopyTo(buffer.AsSpan(random.Next(length - width + 1)));
    }

    private void Reserve(int size)
    {
        if (buffer.Length < size)
            Array.Resize(ref buffer, Math.Max(size, buffer.Length * 2));
    }
}

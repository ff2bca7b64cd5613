using System.Runtime.InteropServices;

namespace MsgNet.Messi;

/// <summary>Payloads that wait for a handler, one behind the other in a pooled buffer. Not safe on several threads at once.</summary>
internal struct MessiBacklog
{
    private byte[]? buffer;
    private int end;

    /// <summary>Bytes that wait, with a length before each payload.</summary>
    public readonly int Length => end;

    /// <summary>Where the next payload begins, for whoever reads.</summary>
    public int Position { get; private set; }

    public readonly bool IsEmpty => Position == end;

    public void Add(ReadOnlySpan<byte> payload)
    {
        var need = end + sizeof(int) + payload.Length;
        if (buffer is null || buffer.Length < need)
            Grow(Math.Max(need, 2 * end));
        MemoryMarshal.Write(buffer.AsSpan(end), payload.Length);
        payload.CopyTo(buffer.AsSpan(end + sizeof(int)));
        end = need;
    }

    /// <summary>The next payload; there must be one. Valid until <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Take()
    {
        var length = MemoryMarshal.Read<int>(buffer.AsSpan(Position));
        var payload = buffer.AsSpan(Position + sizeof(int), length);
        Position += sizeof(int) + length;
        return payload;
    }

    /// <summary>Gives the buffer back.</summary>
    public void Clear()
    {
        if (buffer is not null)
            MessiBuffers.Shared.Return(buffer);
        this = default;
    }

    private void Grow(int length)
    {
        var larger = MessiBuffers.Shared.Rent(length);
        if (buffer is not null)
        {
            buffer.AsSpan(0, end).CopyTo(larger);
            MessiBuffers.Shared.Return(buffer);
        }

        buffer = larger;
    }
}

using System.Buffers;

namespace MsgNet;

/// <summary>The bytes of messages on their way between hosts of one process.</summary>
internal static class MemoryBuffers
{
    private const byte Poison = 0xDD;

    public static byte[] Copy(ReadOnlySpan<byte> data)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(data.Length);
        data.CopyTo(buffer);
        return buffer;
    }

    /// <param name="buffer">What <see cref="Copy"/> gave; null does nothing.</param>
    /// <param name="poison">Overwrite it first, so that code which kept borrowed bytes is caught.</param>
    public static void Return(byte[]? buffer, bool poison)
    {
        if (buffer is null)
            return;
        if (poison)
            buffer.AsSpan().Fill(Poison);

        ArrayPool<byte>.Shared.Return(buffer);
    }
}

using MsgNet.Core;

namespace MsgNet.Testing;

/// <summary>Hands out bytes a test chose, in order; running out is the test's mistake.</summary>
public sealed class FixedRandom(params byte[][] draws) : IRandom
{
    private readonly byte[] bytes = [.. draws.SelectMany(draw => draw)];
    private int position;

    public void Fill(Span<byte> destination)
    {
        bytes.AsSpan(position, destination.Length).CopyTo(destination);
        position += destination.Length;
    }
}

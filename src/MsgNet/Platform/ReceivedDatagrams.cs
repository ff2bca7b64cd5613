using MsgNet.Core;

namespace MsgNet.Platform;

/// <summary>Walks the datagrams of several runs, in order.</summary>
/// <param name="runs">The runs.</param>
internal ref struct ReceivedDatagrams(ReadOnlySpan<ReceivedRun> runs)
{
    private readonly ReadOnlySpan<ReceivedRun> runs = runs;
    private Span<byte> rest; // of the run
    private int segmentSize;
    private int next;

    /// <summary>The last datagram was taken.</summary>
    public readonly bool IsEnded => rest.IsEmpty && next == runs.Length;

    /// <summary>Who sent the one that was taken last.</summary>
    public readonly NetAddress From => runs[next - 1].From;

    /// <summary>The next one; false when there is none.</summary>
    public bool TryNext(out Span<byte> datagram)
    {
        if (rest.IsEmpty)
        {
            if (next == runs.Length)
            {
                datagram = default;
                return false;
            }

            ref readonly var run = ref runs[next++];
            rest = run.Datagrams; // of no bytes: one empty datagram
            segmentSize = run.SegmentSize;
        }

        datagram = rest.Length > segmentSize ? rest[..segmentSize] : rest;
        rest = rest[datagram.Length..];
        return true;
    }
}

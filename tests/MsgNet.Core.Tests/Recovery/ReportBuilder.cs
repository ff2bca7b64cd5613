using MsgNet.Core;

namespace MsgNet.Core.Tests.Recovery;

/// <summary>Writes reports as a peer would, into one buffer.</summary>
internal sealed class ReportBuilder
{
    private readonly byte[] buffer = new byte[600];

    public ReportOutcome Give(PathRecovery recovery, Instant now, uint index, ulong delay, params ReadOnlySpan<ReportRange> newestFirst)
    {
        var writer = new WireWriter(buffer);
        Assert.True(ReportFrame.TryWrite(ref writer, index, delay, newestFirst));
        Assert.True(ReportFrame.TryRead(writer.Written[(Uvarint.Read(writer.Written, out _) + 1)..], out var report));
        return recovery.OnReport(now, report);
    }
}

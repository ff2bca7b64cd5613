using BenchmarkDotNet.Attributes;
using MsgNet.Core;

namespace MsgNet.Benchmarks;

[MemoryDiagnoser]
public class RecoveryBenchmarks
{
    private const uint Index = 7;
    private readonly byte[] buffer = new byte[1_200];
    private ReceivedPackets received = new();
    private ReceivedPackets receivedOfPath = new();
    private PathRecovery path = null!;
    private Instant now;
    private ulong number;

    [GlobalSetup]
    public void Setup()
    {
        received = new ReceivedPackets();
        receivedOfPath = new ReceivedPackets();
        path = new PathRecovery(1_200);
        path.AddKey(Index);
        now = Instant.FromMicroseconds(1_000_000);
        number = 0;
    }

    /// <summary>Two packets arrive and their REPORT is written; per packet.</summary>
    [Benchmark(OperationsPerInvoke = 2)]
    public int ReceiveAndReport()
    {
        now += TimeSpan.FromMicroseconds(100);
        received.OnReceived(now, number++, eliciting: true);
        received.OnReceived(now, number++, eliciting: true);
        return WriteReport(ref received).Position;
    }

    /// <summary>Two packets leave, arrive, and their REPORT comes back and is taken; per packet.</summary>
    [Benchmark(OperationsPerInvoke = 2)]
    public long SendReceiveReport()
    {
        for (var i = 0; i < 2; i++)
        {
            now += TimeSpan.FromMicroseconds(50);
            path.OnPacketSent(now, Index, number, 1_200, eliciting: true, appLimited: false);
            receivedOfPath.OnReceived(now, number++, eliciting: true);
        }

        now += TimeSpan.FromMicroseconds(200);
        var written = WriteReport(ref receivedOfPath).Written;
        var reader = new FrameListReader(written);
        reader.TryNext(out var frame);
        if (!ReportFrame.TryRead(frame.Body, out var report) || path.OnReport(now, report) != ReportOutcome.Accepted)
            throw new InvalidOperationException("The report was refused.");
        if (path.NextTimer <= now)
            path.OnTimer(now);
        return path.BytesInFlight;
    }

    private WireWriter WriteReport(ref ReceivedPackets packets)
    {
        packets.OnBatchEnd(now);
        var writer = new WireWriter(buffer);
        return packets.TryWriteReport(now, Index, ref writer)
            ? writer : throw new InvalidOperationException("There was nothing to report.");
    }
}

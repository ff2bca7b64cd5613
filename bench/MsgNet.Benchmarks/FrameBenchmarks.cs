using System.Buffers;
using BenchmarkDotNet.Attributes;
using MsgNet.Core;

namespace MsgNet.Benchmarks;

[MemoryDiagnoser]
public class FrameBenchmarks
{
    private const int LargeMessage = 4_000;
    private readonly byte[] buffer = new byte[1_200];
    private readonly byte[] init = new byte[1_200];
    private readonly byte[] continuation = new byte[1_200];
    private readonly byte[] list = new byte[1_200];
    private readonly byte[] message = new byte[256];
    private readonly byte[] large = new byte[LargeMessage];
    private readonly FragmentReassembler reassembler = new(new NodeCounters());
    private int listLength;
    private int initLength;
    private int continuationLength;
    private ulong fragmentId;

    private static ReadOnlySpan<byte> Name => "/benchmark/1.0.0"u8;

    [GlobalSetup]
    public void Setup()
    {
        var writer = new WireWriter(init);
        FrameWriter.TryWriteInit(ref writer, 1, Name, 7, message);
        initLength = writer.Position;
        writer = new WireWriter(continuation);
        FrameWriter.TryWriteContinuation(ref writer, 7, message);
        continuationLength = writer.Position;

        // As full as a datagram of small messages gets.
        writer = new WireWriter(list);
        while (FrameWriter.TryWriteContinuation(ref writer, 7, message.AsSpan(0, 32)))
        {
        }

        listLength = writer.Position;
    }

    [Benchmark]
    public bool WriteInit()
    {
        var writer = new WireWriter(buffer);
        return FrameWriter.TryWriteInit(ref writer, 1, Name, 7, message);
    }

    [Benchmark]
    public int ReadInit()
    {
        var reader = new FrameListReader(init.AsSpan(0, initLength));
        reader.TryNext(out var slice);
        return InitFrame.TryParse(slice.Body, out var frame) ? frame.Message.Length : throw new InvalidOperationException("No INIT.");
    }

    [Benchmark]
    public bool WriteContinuation()
    {
        var writer = new WireWriter(buffer);
        return FrameWriter.TryWriteContinuation(ref writer, 7, message);
    }

    [Benchmark]
    public int ReadContinuation()
    {
        var reader = new FrameListReader(continuation.AsSpan(0, continuationLength));
        reader.TryNext(out var slice);
        return ContinuationFrame.TryParse(slice.Body, out var frame)
            ? frame.Message.Length : throw new InvalidOperationException("No message.");
    }

    /// <summary>Each of the 33 messages of 32 bytes in a datagram of 1,200.</summary>
    [Benchmark]
    public int WalkListOf32ByteMessages()
    {
        var reader = new FrameListReader(list.AsSpan(0, listLength));
        var bytes = 0;
        while (reader.TryNext(out var slice) == FrameReadStatus.Frame)
        {
            if (ContinuationFrame.TryParse(slice.Body, out var frame))
                bytes += frame.Message.Length;
        }

        return bytes;
    }

    /// <summary>A message of 4,000 bytes into pieces for datagrams of 1,200, and back.</summary>
    [Benchmark]
    public int FragmentAndReassemble()
    {
        fragmentId++;
        FragmentPlan.TryMake(fragmentId, LargeMessage, buffer.Length, out var plan);
        for (var index = 0; index < plan.Count; index++)
        {
            var writer = new WireWriter(buffer);
            FrameWriter.TryWriteFragment(ref writer, fragmentId, index, plan.Count, large.AsSpan(plan[index]));
            var reader = new FrameListReader(writer.Written);
            reader.TryNext(out var slice);
            if (!FragmentFrame.TryParse(slice.Body, out var piece) || !reassembler.OnFragment(Instant.Zero, piece, out var frame))
                continue;

            ArrayPool<byte>.Shared.Return(frame.Array!);
            return frame.Count;
        }

        throw new InvalidOperationException("The message did not come together.");
    }
}

using System.Diagnostics;

namespace MsgNet.Cli.Workloads;

/// <summary>Counts the messages of a benchmark as they arrive, and what the process used meanwhile.</summary>
internal sealed class MessageCounter
{
    /// <summary>What the messages of a benchmark travel on.</summary>
    public static readonly ProtocolId Protocol = new("/msgnet/bench/1.0.0");

    private long messages;
    private long bytes;
    private long messagesBefore;
    private long bytesBefore;
    private long startTimestamp;
    private ResourceUse useBefore;

    /// <summary>Counts what <paramref name="host"/> receives.</summary>
    public MessageCounter(IMessageHost host) => host.SetMessageHandler(Protocol, OnMessage, new HandlerOptions { Inline = true });

    /// <summary>Begins to measure; what came before warmed up.</summary>
    public void Start()
    {
        messagesBefore = Interlocked.Read(ref messages);
        bytesBefore = Interlocked.Read(ref bytes);
        useBefore = ResourceUse.Now;
        startTimestamp = Stopwatch.GetTimestamp();
    }

    /// <summary>What came since the start.</summary>
    public ReceiverLine Stop()
    {
        var seconds = Stopwatch.GetElapsedTime(startTimestamp).TotalSeconds;
        var use = ResourceUse.Now.Since(useBefore);
        return new ReceiverLine(
            Interlocked.Read(ref messages) - messagesBefore,
            Interlocked.Read(ref bytes) - bytesBefore,
            seconds,
            use.CpuNanoseconds,
            use.AllocatedBytes);
    }

    // Several sockets may call at once.
    private void OnMessage(Message message)
    {
        Interlocked.Increment(ref messages);
        Interlocked.Add(ref bytes, message.Data.Length);
    }
}

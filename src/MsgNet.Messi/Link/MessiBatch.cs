using System.Diagnostics;

namespace MsgNet.Messi;

/// <summary>
/// The outputs that got messages while one thread dispatches what one read brought: they are flushed together when it is done, or when the
/// first of them has waited for <see cref="PatienceMicroseconds"/>. So a hundred answers to a hundred requests are one write. Per thread.
/// </summary>
internal sealed class MessiBatch
{
    /// <summary>Longest wait for further handlers; some writes to a socket, so that it never doubles what a message takes.</summary>
    private const long PatienceMicroseconds = 50;

    /// <summary>Outputs of a broadcast that wait together: what they hold is in the cache of the processor when it is written.</summary>
    private const int OutputsMax = 32;

    private static readonly long Patience = Stopwatch.Frequency * PatienceMicroseconds / 1_000_000;

    [ThreadStatic]
    private static MessiBatch? ofThread;

    private readonly List<MessiOutput> outputs = [];
    private int depth;
    private long since;

    /// <summary>The batch that this thread is in; null when it is in none.</summary>
    public static MessiBatch? Current => ofThread is { depth: > 0 } batch ? batch : null;

    /// <summary>Begins one on this thread, or enters the one it is in; <see cref="End"/> it before the thread does anything else.</summary>
    public static MessiBatch Begin()
    {
        var batch = ofThread ??= new MessiBatch();
        batch.depth++;
        return batch;
    }

    public void Add(MessiOutput output)
    {
        if (outputs.Count == 0)
            since = Stopwatch.GetTimestamp();
        outputs.Add(output);
    }

    /// <summary>Between two handlers: flushes when it has been put off for long enough.</summary>
    public void Breathe()
    {
        if (outputs.Count > 0 && Stopwatch.GetTimestamp() - since > Patience)
            Flush();
    }

    /// <summary>Between two outputs of a broadcast: the first need not wait for the last.</summary>
    public void BreatheAmongMany()
    {
        if (outputs.Count >= OutputsMax)
            Flush();
    }

    public void End()
    {
        if (--depth == 0)
            Flush();
    }

    // A flush runs no code of users, so that nothing is added meanwhile; each output throws nothing.
    private void Flush()
    {
        foreach (var output in outputs)
            output.FlushCorked();
        outputs.Clear();
    }
}

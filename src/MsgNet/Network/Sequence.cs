using System.Runtime.CompilerServices;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// Steps that run one after the other on the scheduler: what starts and closes a host, without an <c>async</c> method, so that the
/// simulator's one queue orders all of it. A step that fails ends the sequence, unless every step must run.
/// </summary>
internal sealed class Sequence : IThreadPoolWorkItem
{
    private readonly IReadOnlyList<Func<ValueTask>> steps;
    private readonly bool runAll;
    private readonly TaskCompletionSource done = new();
    private readonly Action resume;
    private ValueTaskAwaiter awaiter;
    private bool waits;
    private Exception? error;
    private int next;

    private Sequence(IReadOnlyList<Func<ValueTask>> steps, bool runAll)
    {
        this.steps = steps;
        this.runAll = runAll;
        resume = Execute;
    }

    /// <summary>Runs the steps until one fails.</summary>
    public static Task Run(IScheduler scheduler, IReadOnlyList<Func<ValueTask>> steps) => Start(scheduler, steps, runAll: false);

    /// <summary>Runs all steps; the first failure comes out at the end, cancellation is none.</summary>
    public static Task RunAll(IScheduler scheduler, IReadOnlyList<Func<ValueTask>> steps) => Start(scheduler, steps, runAll: true);

    /// <inheritdoc/>
    public void Execute()
    {
        while (true)
        {
            try
            {
                if (waits)
                {
                    waits = false;
                    awaiter.GetResult();
                }

                if (next == steps.Count || (error is not null && !runAll))
                    break;

                awaiter = steps[next++]().GetAwaiter();
                waits = true;
                if (awaiter.IsCompleted)
                    continue;
            }
            catch (OperationCanceledException) when (runAll)
            {
                // A step that was given up has done what it could; the steps after it are due all the same.
                continue;
            }
#pragma warning disable CA1031 // The failure is not swallowed: it is what the sequence ends with.
            catch (Exception caught)
#pragma warning restore CA1031
            {
                error ??= caught;
                continue;
            }

            awaiter.UnsafeOnCompleted(resume);
            return;
        }

        if (error is null)
            done.SetResult();
        else
            done.SetException(error);
    }

    private static Task Start(IScheduler scheduler, IReadOnlyList<Func<ValueTask>> steps, bool runAll)
    {
        var sequence = new Sequence(steps, runAll);
        scheduler.Post(sequence);
        return sequence.done.Task;
    }
}

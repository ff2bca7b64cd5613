using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// A lock that does not hold its owner up with what can be done outside of it: what was left for later is done by whoever leaves it, after
/// leaving it. A host has one for its machines and what stands beside them (decision 0003).
/// </summary>
/// <remarks>It may be entered again by the thread that holds it; only the outermost leaving counts.</remarks>
// API-113
internal sealed class Gate
{
    // As many rounds of it one thread does for all before it goes its way.
    private const int RoundsMax = 16;

    private readonly Lock inner = new();
    private IGateWork? work;
    private int depth;

    public bool IsHeldByCurrentThread => inner.IsHeldByCurrentThread;

    /// <summary>The thread that holds it has entered it more than once: leaving does nothing yet. Under the gate.</summary>
    public bool IsNested => depth > 1;

    /// <summary>Whose work is done by those who leave. Once.</summary>
    public void Attach(IGateWork leftForLater)
    {
        lock (inner)
        {
            Invariant.Check(work is null);
            work = leftForLater;
        }
    }

    /// <summary>Enters, waiting for whoever is inside; disposing the result leaves. To be used by <c>using</c> alone.</summary>
    public Scope Enter()
    {
        var held = inner.EnterScope();
        depth++;
        return new Scope(this, held);
    }

    private void DoWork(ref Lock.Scope held)
    {
        for (var round = 0; work!.Begin(isOver: round == RoundsMax) is { } perform; round++)
        {
            var succeeded = false;
            depth--;
            held.Dispose();
            try
            {
                perform();
                succeeded = true;
            }
            finally
            {
                held = inner.EnterScope();
                depth++;
                if (!succeeded)
                    work.OnFailed();
            }
        }
    }

    /// <summary>The time between entering and leaving.</summary>
    public ref struct Scope
    {
        private readonly Gate gate;
        private Lock.Scope held;

        internal Scope(Gate gate, Lock.Scope held)
        {
            this.gate = gate;
            this.held = held;
        }

        /// <summary>Leaves.</summary>
        public void Dispose()
        {
            try
            {
                if (gate.depth == 1 && gate.work is { IsPending: true })
                    gate.DoWork(ref held);
            }
            finally
            {
                gate.depth--;
                held.Dispose();
            }
        }
    }
}

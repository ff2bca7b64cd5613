using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// What a handler is done with and its carriers were not told yet: told together they take the gate once. For one thread at a time.
/// </summary>
internal sealed class Receipts(Gate hostGate)
{
    private const int CountMin = 4;
    private static readonly TimeSpan DelayMax = TimeSpan.FromMilliseconds(1);
    private ICarrierInbox[] inboxes = new ICarrierInbox[CountMin];
    private ulong[] tokens = new ulong[CountMin];

    // When the first call that was not told began.
    private Instant since;
    private int count;

    public bool IsEmpty => count == 0;

    public void Add(ICarrierInbox inbox, ulong token)
    {
        if (count == inboxes.Length)
        {
            Array.Resize(ref inboxes, 2 * count);
            Array.Resize(ref tokens, 2 * count);
        }

        inboxes[count] = inbox;
        tokens[count++] = token;
    }

    /// <summary>A call begins: what is done waits for it only when what came before was quick.</summary>
    // API-213
    public void OnCall(Instant now)
    {
        if (now - since > DelayMax)
            Tell();
        if (count == 0)
            since = now;
    }

    /// <summary>Tells all of it.</summary>
    public void Tell()
    {
        if (count == 0)
            return;

        using (hostGate.Enter())
        {
            for (var start = 0; start < count;)
            {
                var inbox = inboxes[start];
                var end = start + 1;
                while (end < count && ReferenceEquals(inboxes[end], inbox))
                    end++;

                inbox.OnHandled(tokens.AsSpan(start, end - start));
                start = end;
            }

            ICarrierInbox? told = null;
            foreach (var inbox in inboxes.AsSpan(0, count))
            {
                if (!ReferenceEquals(inbox, told))
                    inbox.AfterHandled();
                told = inbox;
            }
        }

        inboxes.AsSpan(0, count).Clear();
        count = 0;
    }
}

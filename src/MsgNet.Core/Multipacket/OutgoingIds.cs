using System.Numerics;

namespace MsgNet.Core;

/// <summary>
/// Gives out the ids of TAGGED frames, one numbering for both kinds per association and direction. At most 1,024 are open, and the newest
/// stays less than 16,384 above the oldest open one, so the peer's window never refuses an id that is still being sent. Takes 2 KiB at
/// its first id; every operation is O(1) amortised. Not safe for concurrent use.
/// </summary>
internal sealed class OutgoingIds
{
    private const int WordBits = 64;

    // One bit per id, set while it is open, at id mod 16,384.
    private ulong[]? open;
    private ulong oldest = 1;
    private ulong next = 1;

    /// <summary>Ids open, 0 to 1,024.</summary>
    public int OpenCount { get; private set; }

    /// <summary>True when <see cref="TryAllocate"/> would give an id.</summary>
    public bool CanAllocate => OpenCount < Limits.OpenIdsMax && next - oldest < Limits.IdWindow; // REQ-002

    /// <summary>Opens the next id; false when the sender must wait for a <see cref="Release"/>.</summary>
    public bool TryAllocate(out ulong id)
    {
        id = 0;
        if (!CanAllocate)
            return false;

        open ??= new ulong[Limits.IdWindow / WordBits];
        id = next++; // REQ-001
        open[Word(id)] |= Bit(id);
        OpenCount++;
        return true;
    }

    /// <summary>Closes an id: it will not be sent again. False when it is not open.</summary>
    public bool Release(ulong id)
    {
        if (open is null || id < oldest || id >= next || (open[Word(id)] & Bit(id)) == 0)
            return false;

        open[Word(id)] &= ~Bit(id);
        OpenCount--;
        SkipClosed();
        return true;
    }

    private void SkipClosed()
    {
        if (OpenCount == 0)
        {
            oldest = next;
            return;
        }

        // Some id is open, so a set bit ends this; whole words of closed ids are passed at once.
        while ((open![Word(oldest)] & Bit(oldest)) == 0)
        {
            var ahead = open[Word(oldest)] >> (int)(oldest % WordBits);
            oldest += ahead == 0 ? WordBits - (oldest % WordBits) : (ulong)BitOperations.TrailingZeroCount(ahead);
        }
    }

    private static int Word(ulong id) => (int)(id % Limits.IdWindow / WordBits);

    private static ulong Bit(ulong id) => 1UL << (int)(id % WordBits);
}

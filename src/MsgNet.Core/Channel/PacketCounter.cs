namespace MsgNet.Core;

/// <summary>
/// Hands out packet counters 0, 1, 2… once each, below <see cref="RejectAfter"/>: for implementations of <see cref="ISealingKey"/>.
/// </summary>
/// <remarks>Safe on any thread as a field that is never copied.</remarks>
public struct PacketCounter
{
    /// <summary>No packet carries this counter or a higher one: 2⁶⁴ − 2¹³ − 1 (SEC-079).</summary>
    public const ulong RejectAfter = ulong.MaxValue - (1UL << 13);

    private ulong next;

    internal PacketCounter(ulong next) => this.next = next;

    /// <summary>The counter that <see cref="Take"/> returns next.</summary>
    public readonly ulong Next => Volatile.Read(in next);

    /// <summary>Takes one counter.</summary>
    /// <exception cref="InvalidOperationException">All are used up.</exception>
    public ulong Take()
    {
        // Compare-and-swap rather than increment: a caller that ignores the exception must not drive the counter round to 0.
        while (true)
        {
            var counter = Volatile.Read(in next);
            if (counter >= RejectAfter)
                throw new InvalidOperationException("This key has sealed all the packets it may; make a new session.");

            if (Interlocked.CompareExchange(ref next, counter + 1, counter) == counter)
                return counter;
        }
    }
}

namespace MsgNet.Core;

/// <summary>
/// Remembers which numbers arrived, so that each is accepted once (RFC 6479): a ring of bits that slides with the highest number.
/// SEC-072: numbers more than <see cref="Usable"/> below the highest are refused, seen or not.
/// </summary>
/// <remarks>
/// Not thread-safe. Most windows never see a number that a small ring does not hold; the first that does makes the ring its full length,
/// and nothing else allocates.
/// </remarks>
internal struct ReplayWindow
{
    private const int WordBits = 64;
    private const int WordsMin = 2;

    private readonly int wordsMax;
    private ulong[] words = new ulong[WordsMin];

    /// <summary>An empty window.</summary>
    /// <param name="bits">Width of the ring: a power of two, at least 128.</param>
    /// <exception cref="ArgumentException">The width is not such a number.</exception>
    public ReplayWindow(int bits)
    {
        if (bits < 2 * WordBits || !System.Numerics.BitOperations.IsPow2(bits))
            throw new ArgumentException($"A replay window of {bits} bits cannot be; use a power of two of at least 128.", nameof(bits));

        wordsMax = bits / WordBits;
        Usable = bits - WordBits;
    }

    /// <summary>How far below the highest a number can still be accepted: one word less than the ring.</summary>
    public int Usable { get; }

    /// <summary>True until the first number is accepted.</summary>
    public bool IsEmpty { readonly get; private set; } = true;

    /// <summary>The highest number accepted; 0 while <see cref="IsEmpty"/>.</summary>
    public ulong Highest { readonly get; private set; }

    /// <summary>True when <paramref name="number"/> would be accepted now.</summary>
    public readonly bool CanAccept(ulong number)
    {
        if (IsEmpty || number > Highest)
            return true;

        return Highest - number <= (ulong)Usable && (words[WordOf(number)] & BitOf(number)) == 0;
    }

    /// <summary>Accepts <paramref name="number"/> unless it was accepted before or is too old. Only for what proved authentic.</summary>
    public bool TryAccept(ulong number)
    {
        if (!CanAccept(number))
            return false;

        if (IsEmpty || number > Highest)
            SlideTo(number);

        words[WordOf(number)] |= BitOf(number);
        return true;
    }

    private void SlideTo(ulong number)
    {
        // Nothing was left behind so far: every word stands where it will.
        if (number / WordBits >= (ulong)words.Length && words.Length < wordsMax)
            Array.Resize(ref words, wordsMax);

        var from = Highest / WordBits;
        var steps = Math.Min((number / WordBits) - from, (ulong)words.Length);
        for (var i = 1UL; i <= steps; i++)
            words[WordOf((from + i) * WordBits)] = 0;

        Highest = number;
        IsEmpty = false;
    }

    private readonly ulong WordOf(ulong number) => (number / WordBits) & ((ulong)words.Length - 1);

    private static ulong BitOf(ulong number) => 1UL << (int)(number % WordBits);
}

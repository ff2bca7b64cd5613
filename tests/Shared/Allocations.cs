namespace MsgNet.Testing;

/// <summary>
/// Measures what a piece of work allocates on this thread. Tests run without concurrent collections (Directory.Build.props): one that a
/// parallel test sets off would add the unused part of this thread's allocation buffer to the measurement. What the runtime itself
/// allocates once (generic statics, a trimmed pool) remains, so work that seems to exceed its bound is measured again: a true excess
/// repeats itself.
/// </summary>
public static class Allocations
{
    private const int AttemptsMax = 5;

    public delegate void Work<T>(ReadOnlySpan<T> input);

    /// <summary>
    /// Fails when <paramref name="work"/> allocates more than <paramref name="bytesMax"/> bytes for <paramref name="input"/>.
    /// </summary>
    public static void AssertAtMost<T>(long bytesMax, ReadOnlySpan<T> input, Work<T> work)
    {
        var least = long.MaxValue;
        for (var attempt = 0; attempt < AttemptsMax && least > bytesMax; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work(input);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        if (least > bytesMax)
            throw new InvalidOperationException($"{least} bytes allocated for an input of {input.Length}; at most {bytesMax} are allowed.");
    }

    /// <summary>
    /// Fails when <paramref name="work"/> allocates more than <paramref name="bytesMax"/> bytes each time; <paramref name="prepare"/> makes
    /// the state it uses up, and is not measured.
    /// </summary>
    public static void AssertAtMost(long bytesMax, Action prepare, Action work)
    {
        var least = long.MaxValue;
        for (var attempt = 0; attempt < AttemptsMax && least > bytesMax; attempt++)
        {
            prepare();
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        if (least > bytesMax)
            throw new InvalidOperationException($"{least} bytes allocated; at most {bytesMax} are allowed.");
    }

    /// <summary>Fails when <paramref name="work"/>, which can be repeated, allocates whenever it runs.</summary>
    public static void AssertNone(Action work) => AssertAtMost<byte>(0, default, _ => work());
}

using System.Collections.Concurrent;

namespace MsgNet.Benchmarks.Loads;

/// <summary>Counts on many threads, each connection in a cache line of its own.</summary>
internal sealed class Tally
{
    private readonly ConcurrentQueue<Cell> cells = new();

    public long Sum
    {
        get
        {
            long sum = 0;
            foreach (var cell in cells)
                sum += cell.Value;
            return sum;
        }
    }

    /// <summary>A cell for one connection.</summary>
    public Cell Add()
    {
        var cell = new Cell();
        cells.Enqueue(cell);
        return cell;
    }

    internal sealed class Cell
    {
        private const int Middle = 8;
        private readonly long[] line = new long[2 * Middle];

        public long Value => Volatile.Read(ref line[Middle]);

        /// <summary>By one thread at a time.</summary>
        public void Increment() => Volatile.Write(ref line[Middle], line[Middle] + 1);
    }
}

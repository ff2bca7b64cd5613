namespace MsgNet.LoadBench.Contestants;

/// <summary>Counts on one thread what others read.</summary>
internal struct Count
{
    private long value;

    public readonly long Value => Volatile.Read(in value);

    public void Add(long more) => Volatile.Write(ref value, value + more);
}

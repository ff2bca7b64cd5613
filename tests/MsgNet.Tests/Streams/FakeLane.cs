namespace MsgNet.Tests.Streams;

/// <summary>A lane whose peer is the test: what it holds, accepts and says is what the test sets.</summary>
internal sealed class FakeLane : IStreamLane
{
    private readonly Queue<byte> received = [];

    public FakeLane(Gate gate, ManualScheduler scheduler, PeerId peer, ProtocolId protocol) =>
        Stream = new LaneStream(this, gate, scheduler, peer, protocol);

    public LaneStream Stream { get; }

    public List<byte> Written { get; } = new(100_000);

    /// <summary>Bytes it still accepts.</summary>
    public int Room { get; set; }

    public bool IsCompleted { get; private set; }

    public bool IsAborted { get; private set; }

    public bool HasData => received.Count > 0;

    public bool PeerCompleted { get; set; }

    public bool IsReadEnded => PeerCompleted && !HasData;

    public bool IsWriteEnded { get; set; }

    public void Arrive(ReadOnlySpan<byte> data)
    {
        foreach (var one in data)
            received.Enqueue(one);
    }

    public int Read(Span<byte> destination)
    {
        var count = 0;
        while (count < destination.Length && received.TryDequeue(out var one))
            destination[count++] = one;
        return count;
    }

    public int Write(ReadOnlySpan<byte> data)
    {
        var count = Math.Min(data.Length, Room);
        Room -= count;
        foreach (var one in data[..count])
            Written.Add(one);
        return count;
    }

    public void CompleteWrites()
    {
        Assert.False(IsCompleted);
        IsCompleted = true;
    }

    public void Abort()
    {
        Assert.False(IsAborted);
        IsAborted = true;
    }

    public void Flush()
    {
    }
}

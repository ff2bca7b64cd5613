using System.Collections.Concurrent;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Tests.Platform;

/// <summary>Keeps what a port received, for a test to wait for.</summary>
internal sealed class DatagramCollector : IDatagramReceiver
{
    private readonly BlockingCollection<(NetAddress From, byte[] Data)> received = [];
    private int batchEnds;

    public int BatchEnds => Volatile.Read(ref batchEnds);

    public int Count => received.Count;

    public void OnDatagrams(ReadOnlySpan<ReceivedRun> runs)
    {
        var datagrams = new ReceivedDatagrams(runs);
        while (datagrams.TryNext(out var datagram))
            received.Add((datagrams.From, datagram.ToArray()));
    }

    public void OnBatchEnd() => Interlocked.Increment(ref batchEnds);

    public (NetAddress From, byte[] Data) Take()
    {
        Assert.True(received.TryTake(out var item, TimeSpan.FromSeconds(10)), "No datagram came within 10 s.");
        return item;
    }
}

/// <summary>Runs a delegate for each datagram.</summary>
internal sealed class DelegateReceiver(Action<int> onLength) : IDatagramReceiver
{
    public void OnDatagrams(ReadOnlySpan<ReceivedRun> runs)
    {
        var datagrams = new ReceivedDatagrams(runs);
        while (datagrams.TryNext(out var datagram))
            onLength(datagram.Length);
    }
}

/// <summary>Runs a delegate for all that came together.</summary>
internal sealed class CallReceiver(Action onCall) : IDatagramReceiver
{
    public void OnDatagrams(ReadOnlySpan<ReceivedRun> runs) => onCall();
}

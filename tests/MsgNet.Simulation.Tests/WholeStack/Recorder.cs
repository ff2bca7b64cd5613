using MsgNet.Core;

namespace MsgNet.Simulation.Tests.WholeStack;

/// <summary>Somebody on every path who keeps some of what passes, and sends it again later, from where it came or from elsewhere.</summary>
internal sealed class Recorder(SimulatedNetwork network, SeededRandom random) : IDatagramObserver
{
    private const int KeptMax = 64;
    private readonly List<(NetAddress From, NetAddress To, byte[] Data)> kept = [];
    private bool replays;

    /// <summary>Datagrams sent again.</summary>
    public long Replayed { get; private set; }

    public void OnSent(in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram)
    {
        if (replays || !random.NextBool(0.1))
            return;

        var recorded = (from, to, datagram.ToArray());
        if (kept.Count < KeptMax)
            kept.Add(recorded);
        else
            kept[random.NextInt32(0, KeptMax)] = recorded;
    }

    public void OnArrival(in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram)
    {
    }

    public void Replay()
    {
        replays = true;
        foreach (var (from, to, data) in kept)
        {
            var source = random.NextBool(0.5) ? from : kept[random.NextInt32(0, kept.Count)].From;
            network.Inject(source, to, data);
            Replayed++;
        }

        replays = false;
    }
}

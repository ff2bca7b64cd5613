using System.Buffers;
using MsgNet.Core;

namespace MsgNet.Simulation;

/// <summary>A datagram between two hosts; pooled by its network.</summary>
internal sealed class DatagramInFlight(SimulatedNetwork network) : ISimulationEvent
{
    private byte[] buffer = [];
    private int length;

    /// <inheritdoc/>
    public int HeapIndex { get; set; } = -1;

    public NetAddress From { get; private set; }

    public NetAddress To { get; private set; }

    public SimulatedHost Sender { get; private set; } = null!;

    public Span<byte> Data => buffer.AsSpan(0, length);

    public void Fill(SimulatedHost sender, in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram)
    {
        buffer = ArrayPool<byte>.Shared.Rent(datagram.Length);
        length = datagram.Length;
        datagram.CopyTo(buffer);
        Sender = sender;
        From = from;
        To = to;
    }

    public void Clear()
    {
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        length = 0;
        Sender = null!;
    }

    /// <inheritdoc/>
    public void Run() => network.Arrive(this);
}

using MsgNet.Core;

namespace MsgNet.Simulation;

/// <summary>A datagram between two hosts; pooled with its buffer by its network.</summary>
internal sealed class DatagramInFlight(SimulatedNetwork network) : ISimulationEvent
{
    private const int BufferSizeMin = 256;
    private byte[] buffer = [];
    private int length;

    /// <inheritdoc/>
    public int HeapIndex { get; set; } = -1;

    public NetAddress From { get; private set; }

    public NetAddress To { get; private set; }

    /// <summary>Who owned the destination when it was sent.</summary>
    public SimulatedHost Receiver { get; private set; } = null!;

    public Span<byte> Data => buffer.AsSpan(0, length);

    public void Fill(SimulatedHost receiver, in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram)
    {
        if (buffer.Length < datagram.Length)
            buffer = GC.AllocateUninitializedArray<byte>(Math.Max(BufferSizeMin, datagram.Length));
        length = datagram.Length;
        datagram.CopyTo(buffer);
        Receiver = receiver;
        From = from;
        To = to;
    }

    /// <inheritdoc/>
    public void Run() => network.Arrive(this);
}

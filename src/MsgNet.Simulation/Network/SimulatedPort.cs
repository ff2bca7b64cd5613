using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Simulation;

/// <summary>A UDP port of a simulated host.</summary>
internal sealed class SimulatedPort : IDatagramPort
{
    private readonly SimulatedNetwork network;
    private IDatagramReceiver? receiver;

    public SimulatedPort(SimulatedNetwork network, SimulatedHost host, NetAddress local, bool loopbackOnly)
    {
        this.network = network;
        Host = host;
        Local = local;
        IsLoopbackOnly = loopbackOnly;
    }

    public SimulatedHost Host { get; }

    /// <inheritdoc/>
    public NetAddress Local { get; }

    /// <summary>True when it is bound to a loopback address.</summary>
    public bool IsLoopbackOnly { get; }

    /// <summary>False after disposal or a crash.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <inheritdoc/>
    public void Start(IDatagramReceiver receiver)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        ObjectDisposedException.ThrowIf(!IsOpen, this);
        if (this.receiver is not null)
            throw new InvalidOperationException("This port has a receiver already; open another port.");

        this.receiver = receiver;
    }

    /// <inheritdoc/>
    public void Send(in NetAddress to, ReadOnlySpan<byte> datagrams, int segmentSize)
    {
        var run = new DatagramRun(datagrams.Length, segmentSize);
        while (IsOpen && run.TryNext(out var datagram))
            network.Send(this, to, datagrams[datagram]);
    }

    /// <summary>Hands a datagram to the receiver; false when nobody listens.</summary>
    public bool TryDeliver(in NetAddress source, Span<byte> datagram)
    {
        if (!IsOpen || receiver is null)
            return false;

        receiver.OnDatagrams(source with { LocalPort = Local.LocalPort }, datagram, datagram.Length);
        if (IsOpen)
            receiver.OnBatchEnd();
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (IsOpen)
            Host.ForgetPort(this);
        IsOpen = false;
    }
}

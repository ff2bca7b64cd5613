using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Hosts of one process talk by <c>/memory/N</c>: reliable, ordered, with backpressure, and no socket. The hub proves who listens where,
/// and nothing leaves the process, so sessions count as authenticated and encrypted.
/// </summary>
internal sealed class MemoryTransport(TransportContext context, MemoryHub hub) : ICarrierTransport
{
    public MemoryTransport(TransportContext context)
        : this(context, MemoryHub.Default)
    {
    }

    /// <inheritdoc/>
    public string Name => "memory";

    /// <inheritdoc/>
    public object Channels => hub;

    /// <inheritdoc/>
    public TransportGuarantees Guarantees { get; } = new(
        // API-101
        Delivery.ReliableOrdered, Authenticated: true, Encrypted: true, context.Options.MessageSizeMax, DatagramSizeMax: 0);

    /// <inheritdoc/>
    public bool CanDial(Multiaddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return MemoryAddress.TryRead(address, out var number) && number != 0;
    }

    /// <inheritdoc/>
    public bool CanListen(Multiaddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return MemoryAddress.TryRead(address, out _);
    }

    /// <inheritdoc/>
    public ISessionedSocket Open() => OpenCarrier();

    /// <inheritdoc/>
    public ICarrier OpenCarrier() => new MemorySocket(this, context, hub);
}

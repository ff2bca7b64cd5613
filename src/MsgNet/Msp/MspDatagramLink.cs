using MsgNet.Core;

namespace MsgNet;

/// <summary>A connection in plain datagrams.</summary>
internal sealed class MspDatagramLink(MspDatagrams carrier, MspConnection connection, MspPort port, Multiaddress remote) : IMspLink
{
    private bool isForgotten;

    /// <inheritdoc/>
    public MspStates States => connection.States;

    /// <inheritdoc/>
    public bool HasQueued => connection.End == MspEnd.None && connection.Sent > connection.Delivered;

    /// <inheritdoc/>
    public Multiaddress Local => port.Local;

    /// <inheritdoc/>
    public Multiaddress Remote => remote;

    /// <inheritdoc/>
    public string? Failure => connection.End switch
    {
        MspEnd.StoppedByPeer => "the peer stopped it, or does not know it",
        MspEnd.TimedOut => "nothing came from the peer for 10 s",
        _ => null,
    };

    /// <inheritdoc/>
    public bool TrySend(Instant now, ReadOnlySpan<byte> message) => connection.TrySend(now, message);

    /// <inheritdoc/>
    public bool TryPeek(out ReadOnlySpan<byte> message) => connection.TryPeek(out message);

    /// <inheritdoc/>
    public void Consume(Instant now, int bytes) => carrier.Consume(now, connection, bytes);

    /// <inheritdoc/>
    public void Shutdown(Instant now) => connection.Shutdown(now);

    /// <inheritdoc/>
    public void Stop(Instant now) => carrier.Stop(now, connection);

    /// <inheritdoc/>
    public void Abandon(Instant now)
    {
        if (isForgotten)
            return;

        isForgotten = true;
        carrier.Forget(connection, port);
    }
}

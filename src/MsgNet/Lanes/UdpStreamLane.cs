using MsgNet.Core;

namespace MsgNet;

/// <summary>One end of a stream over a lane of the sealed channel. Under the gate.</summary>
internal sealed class UdpStreamLane : IStreamLane
{
    // Bytes accepted at a time: small beside the send buffer, so that it fills, and some segments long, so that they are few.
    private const int RunMax = 16 * 1024;
    private readonly UdpEndpoints endpoints;
    private readonly PeerInfo remote;
    private PeerChannel? channel;
    private Lane? lane;
    private int offset;
    private bool completed;

    /// <summary>A stream to open to a peer.</summary>
    public UdpStreamLane(UdpEndpoints endpoints, ProtocolId protocol, PeerInfo remote)
    {
        this.endpoints = endpoints;
        this.remote = remote;
        Stream = new LaneStream(this, endpoints.Context.Gate, endpoints.Context.Platform.Scheduler, remote.Id, protocol);
    }

    /// <summary>A stream that a peer opened.</summary>
    public UdpStreamLane(UdpEndpoints endpoints, Lane lane)
        : this(endpoints, lane.Protocol, new PeerInfo(lane.Peer))
    {
        this.lane = lane;
        lane.State = this;
    }

    public LaneStream Stream { get; }

    public PeerId Peer => remote.Id;

    public bool HasData => lane is not null && endpoints.Node.TryPeekMessage(lane, out _);

    public bool IsReadEnded => lane is { IsReadEnded: true };

    public bool IsWriteEnded => lane is { IsWriteEnded: true };

    /// <summary>
    /// Opens the lane, unless names have to be looked up first; then <see cref="OnReachable"/> or <see cref="Fail"/> follows.
    /// </summary>
    /// <exception cref="MsgNetException">There is no way to the peer, or too many lanes to it are open.</exception>
    public void Open(Instant now)
    {
        if (TryOpen(now, out var failure))
            return;
        if (failure is not null)
            throw failure;

        endpoints.Sessions.AddUnopened(this);
    }

    /// <summary>Names were looked up: opens the lane.</summary>
    public void OnReachable()
    {
        if (TryOpen(endpoints.Now, out var failure))
        {
            endpoints.Sessions.RemoveUnopened(this);
            Stream.OnRoom();
        }
        else if (failure is not null)
        {
            Fail(failure);
        }
    }

    /// <summary>The peer cannot be reached, or is not wanted any more.</summary>
    public void Fail(MsgNetException why)
    {
        endpoints.Sessions.RemoveUnopened(this);
        Stream.OnEnded(why);
    }

    public int Read(Span<byte> destination)
    {
        if (lane is null)
            return 0;

        var now = endpoints.Now;
        var count = 0;
        while (count < destination.Length && endpoints.Node.TryPeekMessage(lane, out var run))
        {
            var part = run.Data[offset..];
            var length = Math.Min(part.Length, destination.Length - count);
            part[..length].CopyTo(destination[count..]);
            count += length;
            offset += length;
            if (offset < run.Data.Length)
                break;

            // On a stream consumed means read: LANE-030.
            offset = 0;
            var receipt = run.Receipt;
            endpoints.Node.TakeMessage(now, lane);
            endpoints.Node.Consume(now, lane, receipt);
        }

        return count;
    }

    public int Write(ReadOnlySpan<byte> data)
    {
        if (lane is null)
            return 0;

        var now = endpoints.Now;
        var accepted = 0;
        while (accepted < data.Length)
        {
            var run = data[accepted..Math.Min(data.Length, accepted + RunMax)];
            if (endpoints.Node.TrySend(now, lane, run) != SendStatus.Accepted)
                break;

            accepted += run.Length;
        }

        return accepted;
    }

    public void CompleteWrites()
    {
        completed = true;
        if (lane is not null)
            endpoints.Node.ShutdownLane(endpoints.Now, lane);
    }

    public void Abort()
    {
        if (lane is null)
            endpoints.Sessions.RemoveUnopened(this);
        else
            endpoints.Node.AbortLane(endpoints.Now, lane);
    }

    public void Flush() => endpoints.Flush();

    /// <summary>Takes what happened to the lane.</summary>
    public void OnEvent(in NodeEvent happened)
    {
        switch (happened.Kind)
        {
            case NodeEventKind.LaneReadable:
                Stream.OnReadable();
                break;
            case NodeEventKind.LaneRoom:
                Stream.OnRoom();
                break;
            case NodeEventKind.LaneEnded:
                Stream.OnEnded(happened.LaneEnd == LaneEnd.Completed ? null : endpoints.Lanes.WhyLost(happened, Stream.Protocol));
                break;
            default:
                break;
        }
    }

    private bool TryOpen(Instant now, out MsgNetException? failure)
    {
        failure = null;
        if (!endpoints.Dialer.TryReach(now, remote, ref channel, out var unreachable))
        {
            failure = (MsgNetException?)unreachable;
            return false;
        }

        endpoints.Node.TryOpenLane(now, channel, Stream.Protocol, LaneKind.Stream, allowEarly: true, out lane);
        if (lane is null) // the peer is reached, so there is no other reason
        {
            failure = LaneEvents.TooManyLanes(Peer);
            return false;
        }

        lane.State = this;

        // API-171: with nothing in it, so that the peer learns of the stream.
        endpoints.Node.TrySend(now, lane, default);
        if (completed)
            endpoints.Node.ShutdownLane(now, lane);
        return true;
    }
}

using System.Net;
using MsgNet.Core;

namespace MsgNet.Benchmarks;

/// <summary>Two MSP endpoints of the Serval profile, one connection, and between them a wire of memory in a time of its own.</summary>
internal sealed class MspEndpointPair : IDisposable
{
    private static readonly TimeSpan Transit = TimeSpan.FromMicroseconds(20);
    private readonly MspEndpoint sender = new(poison: false);
    private readonly MspEndpoint receiver = new(poison: false);
    private readonly MspEvents events = new();
    private readonly MspConnection connection;
    private readonly byte[] wire = new byte[Limits.MspPacketMax];
    private Instant now = Instant.FromMicroseconds(1_000_000);

    public MspEndpointPair()
    {
        var (here, there) = (MspAddress.From(IPAddress.Loopback, 1), MspAddress.From(IPAddress.Loopback, 2));
        receiver.Listen(there, MspProfile.Serval);
        if (!sender.TryConnect(now, new MspPair(here, there), MspProfile.Serval, out connection))
            throw new InvalidOperationException("No room for a connection.");
    }

    /// <summary>Messages that arrived.</summary>
    public long Received { get; private set; }

    /// <summary>Sends that many messages and lets time go on until all are acknowledged.</summary>
    public void Send(ReadOnlySpan<byte> data, int count)
    {
        for (; count > 0; count--)
        {
            while (!connection.TrySend(now, data))
                Step();
        }

        while (connection.Delivered < connection.Sent)
            Step();
    }

    public void Dispose()
    {
        sender.Dispose();
        receiver.Dispose();
    }

    /// <summary>Carries what there is to carry; when there is nothing, goes on to the next timer.</summary>
    private void Step()
    {
        if (Carry(sender, receiver) | Carry(receiver, sender))
            return;

        now = Instant.Max(now, Instant.Min(sender.NextTimer, receiver.NextTimer));
        OnTimer(sender);
        OnTimer(receiver);
    }

    private bool Carry(MspEndpoint from, MspEndpoint to)
    {
        var carried = false;
        var writer = new MspPacketWriter(wire);
        while (from.WritePacket(now, ref writer))
        {
            now += Transit;
            to.OnPacket(now, new MspPair(writer.Pair.Remote, writer.Pair.Local), writer.Packet, events);
            Handle();
            carried = true;
        }

        return carried;
    }

    private void OnTimer(MspEndpoint endpoint)
    {
        if (endpoint.NextTimer > now)
            return;

        endpoint.OnTimer(now, events);
        Handle();
    }

    private void Handle()
    {
        for (var index = 0; index < events.Count; index++)
        {
            var happened = events[index];
            if (happened.Kind == MspEventKind.Readable)
                Read(happened.Connection);
        }

        events.Clear();
    }

    private void Read(MspConnection from)
    {
        while (from.TryPeek(out var message))
        {
            from.Consume(now, message.Length, events);
            Received++;
        }
    }
}

using System.Net;
using MsgNet.Core;

namespace MsgNet.LoadBench.Nodes;

/// <summary>Makes sessions between nodes without sockets, in a time of its own. One thread.</summary>
internal sealed class Introduction
{
    // Slower than the budget of handshakes allows: it is the work that is measured, not the budget.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan DialTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);
    private const int TurnsMax = 100;
    private const int TurnsToSettle = 5;

    private readonly byte[] wire = new byte[Limits.DatagramSizeMax];
    private readonly byte[] message = [1];
    private Instant now = Instant.FromMicroseconds(1_000_000);
    private uint callers;

    /// <summary>A node at an address of its own.</summary>
    public BareNode MakeCaller()
    {
        callers++;
        var address = new IPAddress([10, (byte)(callers >> 16), (byte)(callers >> 8), (byte)callers]);
        return new BareNode(NetAddress.From(address, 4001, 0));
    }

    /// <summary>A whole handshake and one message after it.</summary>
    public void Meet(BareNode caller, BareNode listener)
    {
        now += Pace;
        var expected = listener.Received + 1;
        if (!caller.Node.TryGetPeer(now, listener.Id, out var peer))
            throw new InvalidOperationException("There is no room for a peer.");

        caller.Node.Dial(now, peer, [listener.Address], DialTimeout);
        if (caller.Node.TrySend(now, peer, BareNode.Protocol, message, allowEarly: false) != SendStatus.Accepted)
            throw new InvalidOperationException("The message was not taken.");

        for (var turn = 0; turn < TurnsMax && listener.Received < expected; turn++)
        {
            Carry(caller, listener);
            Carry(listener, caller);
            if (caller.Node.NextTimer <= now + Pace)
            {
                now = Instant.Max(now, caller.Node.NextTimer);
                caller.OnTimer(now);
            }
        }

        if (listener.Received < expected)
            throw new InvalidOperationException($"No session after {TurnsMax} turns.");
    }

    /// <summary>Whatever two nodes that have met still have to say to each other.</summary>
    public void Settle(BareNode caller, BareNode listener)
    {
        for (var turn = 0; turn < TurnsToSettle; turn++)
        {
            now += Pace;
            caller.OnTimer(now);
            listener.OnTimer(now);
            Carry(caller, listener);
            Carry(listener, caller);
        }
    }

    /// <summary>Time in which nobody says anything: what a node keeps for those who have just met it goes.</summary>
    public void Rest(BareNode node)
    {
        for (var end = now + Silence; node.Node.NextTimer <= end;)
        {
            now = Instant.Max(now, node.Node.NextTimer);
            node.OnTimer(now);
        }
    }

    private void Carry(BareNode from, BareNode to)
    {
        var writer = new DatagramWriter(wire);
        while (from.Node.WriteDatagram(now, ref writer))
            to.OnDatagram(now, from.Address, wire.AsSpan(0, writer.Length));
    }
}

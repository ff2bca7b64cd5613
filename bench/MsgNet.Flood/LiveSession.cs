using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MsgNet.Core;
using MsgNet.Platform;
using MsgNet.Sodium;

namespace MsgNet.Flood;

/// <summary>Finds out an index that is live at the target, by making a session with it as anybody may.</summary>
internal static class LiveSession
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The index under which the target receives in a confirmed session.</summary>
    public static uint FindIndex(PeerId target, IPEndPoint at)
    {
        using var identity = Identity.Generate();
        using var crypto = new SodiumChannelCrypto(identity, SystemRandom.Instance);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 20 };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var settings = new UdpNodeSettings
        {
            UnixMicrosecondsAtZero = SystemClock.UnixMicrosecondsAtZero,
            StartedAt = SystemClock.Now,
            IdentityIsFresh = true,
        };
        using var node = new UdpNode(crypto, SystemRandom.Instance, new ProtocolRegistry(), settings);
        var to = NetAddress.From(at.Address, at.Port, 0);
        if (!node.TryGetPeer(SystemClock.Now, target, out var peer))
            throw new InvalidOperationException("A new node has no room for one peer.");

        node.Dial(SystemClock.Now, peer, [to], Patience);
        var events = new NodeEvents();
        var buffer = new byte[Limits.DatagramSizeMax];
        uint? index = null;
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < Patience)
        {
            index = Write(node, socket, at, buffer) ?? index;
            if (Read(node, socket, to, buffer, events) && index is { } live)
                return live; // it answered after our DATA: the session is confirmed
        }

        throw new InvalidOperationException($"{target} did not answer at {at} within {Patience.TotalSeconds} s.");
    }

    // Sends what the node has to send; the index of DATA among it.
    private static uint? Write(UdpNode node, Socket socket, IPEndPoint to, byte[] buffer)
    {
        uint? index = null;
        var writer = new DatagramWriter(buffer);
        while (node.WriteDatagram(SystemClock.Now, ref writer))
        {
            if (ChannelHeader.Read(writer.Datagram) == ChannelMessageType.Data)
                index = BinaryPrimitives.ReadUInt32LittleEndian(writer.Datagram[DataHeader.IndexOffset..]);
            socket.SendTo(writer.Datagram, SocketFlags.None, to);
        }

        return index;
    }

    private static bool Read(UdpNode node, Socket socket, in NetAddress from, byte[] buffer, NodeEvents events)
    {
        var received = false;
        try
        {
            var length = socket.Receive(buffer);
            node.OnDatagram(SystemClock.Now, from, buffer.AsSpan(0, length), events);
            received = true;
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
        {
            events.Clear();
            if (node.NextTimer <= SystemClock.Now)
                node.OnTimer(SystemClock.Now, events);
        }

        events.Clear();
        return received;
    }
}

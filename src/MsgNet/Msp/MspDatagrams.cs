using System.Buffers;
using System.Net;
using System.Net.Sockets;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// Carries MSP packets in plain datagrams, one in each: IP address and UDP port stand for node and MDP port. Drives an
/// <see cref="MspEndpoint"/>. Everything happens under the gate.
/// </summary>
internal sealed class MspDatagrams : IMspCarrier
{
    private const int RoundsMax = 4;
    private readonly MspSockets sockets;
    private readonly MspProfile profile;
    private readonly MspEndpoint endpoint = new(poison: false);
    private readonly MspEvents events = new();
    private readonly MspPorts ports;
    private readonly HashSet<MspPair> used = [];
    private readonly Dictionary<MspSocket, (MspListener Listener, MspPort Port)> listeners = [];
    private readonly Queue<(MspPair Pair, byte[] Buffer, int Length)> inbox = [];
    private readonly byte[] buffer = GC.AllocateUninitializedArray<byte>(Limits.MspPacketMax);
    private bool isClosed;

    public MspDatagrams(IHostPlatform platform, MspSockets sockets, MspProfile profile)
    {
        Platform = platform;
        this.sockets = sockets;
        this.profile = profile;
        ports = new MspPorts(this);
    }

    /// <inheritdoc/>
    public Gate Gate { get; } = new();

    /// <inheritdoc/>
    public IHostPlatform Platform { get; }

    /// <inheritdoc/>
    public int MessageSizeMax => Limits.MspMessageMax;

    /// <inheritdoc/>
    public Instant NextTimer =>
        inbox.Count > 0 ? Instant.Zero : Instant.Min(endpoint.NextTimer, ports.NextClosing);

    /// <inheritdoc/>
    public void CheckLocal(Multiaddress local) => Read(local, nameof(local));

    /// <inheritdoc/>
    public IMspLink Connect(Instant now, MspSocket socket, Multiaddress? local, Multiaddress remote)
    {
        var (ip, number) = Read(remote, nameof(remote));
        if (number == 0)
            throw new ArgumentException($"{remote} has no port: name the one the peer listens on.", nameof(remote));

        var to = MspPort.AddressOf(NetAddress.From(ip, number, 0));
        var port = local is null ? FreePort(ip.AddressFamily, to) : PortAt(local, ip.AddressFamily);
        var pair = new MspPair(port.Address, to);
        if (!used.Add(pair))
            throw new MsgNetException($"There is a connection from {port.Local} to {remote} already: bind the socket to another port.");

        if (!endpoint.TryConnect(now, pair, profile, out var connection))
        {
            used.Remove(pair);
            throw new MsgNetException($"There are {Limits.MspConnectionsMax} connections already: close some first.");
        }

        var link = new MspDatagramLink(this, connection, port, remote);
        connection.State = socket;
        ports.Use(port);
        return link;
    }

    /// <inheritdoc/>
    public Multiaddress Listen(MspSocket socket, Multiaddress local)
    {
        var port = PortAt(local, AddressFamily.Unspecified);
        if (port.IsListening)
            throw new MsgNetException($"Another socket listens on {local} already: choose another port, or 0 for any.");

        var listener = endpoint.Listen(port.Address, profile);
        listener.State = socket;
        listeners.Add(socket, (listener, port));
        port.IsListening = true;
        ports.Use(port);
        return port.Local;
    }

    /// <inheritdoc/>
    public void CloseListener(MspSocket socket)
    {
        if (!listeners.Remove(socket, out var entry))
            return;

        endpoint.CloseListener(entry.Listener);
        entry.Port.IsListening = false;
        ports.Release(sockets.Now, entry.Port, lingers: false);
    }

    /// <inheritdoc/>
    public bool TryReceive(Instant now)
    {
        if (!inbox.TryDequeue(out var packet))
            return false;

        Take(now, packet.Pair, packet.Buffer.AsSpan(0, packet.Length));
        ArrayPool<byte>.Shared.Return(packet.Buffer);
        return true;
    }

    /// <inheritdoc/>
    public void Run(Instant now)
    {
        for (var round = 0; round < RoundsMax; round++)
        {
            Tell();
            Write(now);
            if (endpoint.NextTimer > now)
                break;

            endpoint.OnTimer(now, events);
        }

        Tell();
        Write(now);
        ports.CloseDue(now);
    }

    /// <inheritdoc/>
    public void Leave() => ports.DisposeClosed();

    /// <inheritdoc/>
    public void Dispose()
    {
        isClosed = true;
        endpoint.Dispose();
        ports.CloseAll();
        while (inbox.TryDequeue(out var packet))
            ArrayPool<byte>.Shared.Return(packet.Buffer);
    }

    /// <summary>A datagram has come to a port.</summary>
    public void OnDatagram(MspPort port, in NetAddress from, ReadOnlySpan<byte> datagram)
    {
        using (Gate.Enter())
        {
            // Its thread may still have been busy with this one when the port was closed.
            if (isClosed || ports.At(port.Slot) != port)
                return;

            var pair = new MspPair(port.Address, MspPort.AddressOf(from));
            if (!sockets.IsCallerDriven)
                Take(sockets.Now, pair, datagram);
            else if (inbox.Count < Limits.MspInboxMax && datagram.Length <= Limits.DatagramSizeEthernet)
                Keep(pair, datagram);
        }
    }

    /// <summary>No datagram waits on a port at the moment.</summary>
    public void OnBatchEnd()
    {
        if (sockets.IsCallerDriven)
        {
            sockets.OnInput();
            return;
        }

        using (Gate.Enter())
            sockets.Touch();

        sockets.Leave();
    }

    /// <summary>Ends a connection and says so before anything else can happen to its port.</summary>
    public void Stop(Instant now, MspConnection connection)
    {
        if (connection.End != MspEnd.None)
            return;

        // MSP-135: STOPs are written first, so nothing else leaves before a pass.
        connection.Stop(now, events);
        var writer = new MspPacketWriter(buffer);
        while (TryWrite(now, ref writer) && writer.Pair != connection.Pair)
        {
        }
    }

    public void Consume(Instant now, MspConnection connection, int bytes) => connection.Consume(now, bytes, events);

    /// <summary>A socket gives up a connection.</summary>
    public void Forget(MspConnection connection, MspPort port)
    {
        if (connection.End == MspEnd.None)
            connection.Abandon();
        connection.State = null;
        used.Remove(connection.Pair);
        ports.Release(sockets.Now, port, connection.End == MspEnd.Completed);
    }

    private static (IPAddress Ip, int Port) Read(Multiaddress address, string name) =>
        address.TryGetUdpEndPoint(out var ip, out var port) && address == Multiaddress.FromUdpEndPoint(ip, port)
            ? (ip, port)
            : throw new ArgumentException($"{address} is no /ip4/…/udp/N or /ip6/…/udp/N, which is what plain datagrams take.", name);

    private void Take(Instant now, in MspPair pair, ReadOnlySpan<byte> packet)
    {
        Tell();
        endpoint.OnPacket(now, pair, packet, events);
        Tell();
    }

    private void Keep(in MspPair pair, ReadOnlySpan<byte> packet)
    {
        var copy = ArrayPool<byte>.Shared.Rent(packet.Length);
        packet.CopyTo(copy);
        inbox.Enqueue((pair, copy, packet.Length));
    }

    // Handling one may add others: a socket that has nobody to take its messages consumes them here.
    private void Tell()
    {
        for (var i = 0; i < events.Count; i++)
        {
            var told = events[i];
            if (told.Kind == MspEventKind.Accepted)
                Accept(told.Connection, told.Listener!);
            else if (told.Connection.State is MspSocket socket)
                socket.OnChanged();
        }

        events.Clear();
    }

    private void Accept(MspConnection connection, MspListener listener)
    {
        var port = ports.At(MspPort.SlotOf(connection.Pair.Local))!;
        var remote = MspPort.RemoteOf(connection.Pair.Remote, port.Slot);
        used.Add(connection.Pair);
        ports.Use(port);
        var link = new MspDatagramLink(this, connection, port, Multiaddress.FromUdpEndPoint(remote.ToIPAddress(), remote.Port));
        if (listener.State is MspSocket socket && socket.TryAccept(link, out var accepted))
        {
            connection.State = accepted;
            accepted.OnChanged();
            return;
        }

        link.Stop(sockets.Now);
        link.Abandon(sockets.Now);
    }

    private void Write(Instant now)
    {
        var writer = new MspPacketWriter(buffer);
        while (TryWrite(now, ref writer))
        {
        }
    }

    private bool TryWrite(Instant now, ref MspPacketWriter writer)
    {
        if (!endpoint.WritePacket(now, ref writer))
            return false;

        var slot = MspPort.SlotOf(writer.Pair.Local);
        ports.At(slot)?.Send(MspPort.RemoteOf(writer.Pair.Remote, slot), writer.Packet); // MSP-170
        return true;
    }

    /// <summary>A port that nobody chose and that has no connection to that address yet.</summary>
    private MspPort FreePort(AddressFamily family, in MspAddress to)
    {
        for (var slot = 0; slot < ports.Count; slot++)
        {
            if (ports.At(slot) is { IsChosen: false } port && port.Family == family && !used.Contains(new MspPair(port.Address, to)))
                return port;
        }

        return ports.Open(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0, isChosen: false);
    }

    private MspPort PortAt(Multiaddress local, AddressFamily family)
    {
        var (ip, number) = Read(local, nameof(local));
        if (family != AddressFamily.Unspecified && ip.AddressFamily != family)
            throw new ArgumentException($"{local} and the peer's address are of different IP versions.", nameof(local));

        for (var slot = 0; slot < ports.Count && number != 0; slot++)
        {
            if (ports.At(slot) is { } port && port.Local == local)
                return port; // MSP-108
        }

        return ports.Open(ip, number, isChosen: true);
    }
}

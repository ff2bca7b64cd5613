using System.Globalization;
using System.Text;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// Carries MSP connections in streams of a message host: to port N of a peer as a stream on the protocol <c>/msp/N</c>. Guarded by the
/// host's gate, as the streams are.
/// </summary>
internal sealed class MspLanes : IMspCarrier
{
    private readonly MessageHost host;
    private readonly TransportContext context;
    private readonly MspSockets sockets;
    private readonly Queue<MspLaneLink> ready = [];
    private readonly Dictionary<MspSocket, ProtocolId> listeners = [];
    private bool isRunning;

    public MspLanes(MessageHost host, MspSockets sockets)
    {
        this.host = host;
        this.sockets = sockets;
        context = host.Context;
    }

    /// <inheritdoc/>
    public Gate Gate => context.Gate;

    /// <inheritdoc/>
    public IHostPlatform Platform => context.Platform;

    /// <inheritdoc/>
    public int MessageSizeMax => context.Options.MessageSizeMax; // MSP-184

    /// <inheritdoc/>
    public Instant NextTimer => ready.Count > 0 ? Instant.Zero : Instant.Never;

    /// <summary>The port of a peer as an address.</summary>
    public static Multiaddress AddressOf(PeerId peer, uint port) => Multiaddress.Parse($"/p2p/{peer}").Encapsulate(AddressOf(port));

    /// <summary>A port of one's own as an address.</summary>
    public static Multiaddress AddressOf(uint port) =>
        Multiaddress.Parse(string.Create(CultureInfo.InvariantCulture, $"/mdpport/{port}"));

    /// <inheritdoc/>
    public void CheckLocal(Multiaddress local) => ReadPort(local);

    /// <inheritdoc/>
    public IMspLink Connect(Instant now, MspSocket socket, Multiaddress? local, Multiaddress remote)
    {
        var (peer, _) = ReadRemote(remote);
        if (peer == host.Id)
            throw new ArgumentException("This is the host itself: there is no channel to it.", nameof(remote));

        var link = new MspLaneLink(this, local ?? AddressOf(0), remote) { Socket = socket };
        Enqueue(link);
        return link;
    }

    /// <inheritdoc/>
    public Multiaddress Listen(MspSocket socket, Multiaddress local)
    {
        var port = ReadPort(local);
        if (port == 0)
            throw new ArgumentException("A listener over lanes needs a port: bind /mdpport/N with N from 1.", nameof(local));

        var protocol = ProtocolOf(port);
        if (context.Protocols.TryFind(Encoding.ASCII.GetBytes(protocol.Name), out _))
            throw new MsgNetException($"{protocol} has a handler on this host already: choose another port.");

        host.SetStreamHandler(protocol, (stream, from, _) => Take(socket, local, (LaneStream)stream, from)); // MSP-180
        listeners.Add(socket, protocol);
        return local;
    }

    /// <inheritdoc/>
    public void CloseListener(MspSocket socket)
    {
        if (listeners.Remove(socket, out var protocol))
            host.RemoveStreamHandler(protocol);
    }

    /// <summary>Streams are read when a pass runs, not one by one.</summary>
    public bool TryReceive(Instant now)
    {
        if (!ready.TryDequeue(out var link))
            return false;

        Advance(link);
        return true;
    }

    /// <inheritdoc/>
    public void Run(Instant now)
    {
        // What a link's socket does in answer stands at the end of the queue.
        if (isRunning)
            return;

        isRunning = true;
        try
        {
            while (ready.TryDequeue(out var link))
                Advance(link);
        }
        finally
        {
            isRunning = false;
        }
    }

    /// <inheritdoc/>
    public void Leave()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var protocol in listeners.Values)
            host.RemoveStreamHandler(protocol);
        listeners.Clear();
        ready.Clear();
    }

    /// <summary>A link has something to do.</summary>
    public void Enqueue(MspLaneLink link)
    {
        if (link.IsQueued)
            return;

        link.IsQueued = true;
        ready.Enqueue(link);
    }

    /// <summary>A stream of a link has done something that it took its time for. On the scheduler, under no lock.</summary>
    public void OnProgress(MspLaneLink link)
    {
        using (Gate.Enter())
        {
            Enqueue(link);
            if (sockets.IsCallerDriven)
                sockets.OnInput();
            else
                sockets.Touch();
        }

        sockets.Leave();
    }

    /// <summary>Opens the stream for a connection.</summary>
    public ValueTask<Stream> Open(Multiaddress remote)
    {
        var (peer, port) = ReadRemote(remote);
        return host.OpenStream(peer, ProtocolOf(port)); // MSP-180
    }

    private static ProtocolId ProtocolOf(uint port) => new(string.Create(CultureInfo.InvariantCulture, $"/msp/{port}"));

    private static uint ReadPort(Multiaddress address)
    {
        var components = address.Components;
        return components.Count == 1 && components[0].Protocol == MultiaddressProtocols.MdpPort
            ? uint.Parse(components[0].Value, CultureInfo.InvariantCulture)
            : throw new ArgumentException($"{address} is no /mdpport/N, which is what lanes of a host take.", nameof(address));
    }

    private static (PeerId Peer, uint Port) ReadRemote(Multiaddress address)
    {
        if (address.Components.Count == 2
            && address.Decapsulate(MultiaddressProtocols.MdpPort) is { } outer
            && outer.TryGetPeerId(out var peer)
            && ReadPort(address.Components[1].ToString()) is var port and > 0)
        {
            return (peer, port);
        }

        throw new ArgumentException($"{address} is no /p2p/…/mdpport/N with N from 1, which lanes of a host take.", nameof(address));
    }

    private static void Advance(MspLaneLink link)
    {
        link.IsQueued = false;
        link.Advance();
    }

    private ValueTask Take(MspSocket listener, Multiaddress local, LaneStream stream, PeerId from)
    {
        MspLaneLink link;
        using (Gate.Enter())
        {
            link = new MspLaneLink(this, local, Multiaddress.Parse($"/p2p/{from}"), stream);
            if (!listener.TryAccept(link, out var accepted))
            {
                link.Stop(sockets.Now);
                link.Abandon(sockets.Now);
                return ValueTask.CompletedTask;
            }

            link.Socket = accepted;
            Enqueue(link);
            if (sockets.IsCallerDriven)
                sockets.OnInput();
            else
                sockets.Touch();
        }

        return new ValueTask(link.Handling);
    }
}

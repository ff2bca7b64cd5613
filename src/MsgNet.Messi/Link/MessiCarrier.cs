using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>What carries one connection: a stream, and what lies below it.</summary>
internal sealed class MessiCarrier : IDisposable
{
    private readonly Socket? socket;

    private MessiCarrier(Stream stream, Socket? socket, string remote, PeerId? peer)
    {
        this.socket = socket;
        Stream = stream;
        Remote = remote;
        Peer = peer;
    }

    public Stream Stream { get; }

    /// <summary>The other end, for logs.</summary>
    public string Remote { get; }

    /// <summary>The peer at the other end of a stream of MsgNet.</summary>
    public PeerId? Peer { get; }

    /// <summary>The carrier itself notices that the other end is gone.</summary>
    public bool HasLiveness => socket is null;

    /// <summary>Small segments leave at once; null where there are none.</summary>
    public bool? NoDelay => socket?.NoDelay;

    public static MessiCarrier Of(Socket socket) =>
        Of(socket, new NetworkStream(socket, ownsSocket: true));

    public static MessiCarrier Of(Socket socket, Stream stream) =>
        new(stream, socket, NameOf(socket), null);

    public static MessiCarrier Of(Stream stream, PeerId peer) => new(stream, null, peer.ToString(), peer);

    /// <summary>Tells the other end that nothing more comes, where the carrier can say that and still read.</summary>
    /// <returns>False when it cannot: disposing it says so.</returns>
    public async ValueTask<bool> ShutDown()
    {
        if (socket is null)
            return false;

        try
        {
            if (Stream is SslStream tls)
                await tls.ShutdownAsync().ConfigureAwait(false);
            socket.Shutdown(SocketShutdown.Send);
            return true;
        }
        catch (Exception exception)
            when (exception is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The other end was first.
            return false;
        }
    }

    public void Dispose() => Stream.Dispose();

    // A socket for both families shows IPv4 as a part of IPv6.
    private static string NameOf(Socket socket) => socket.RemoteEndPoint is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped
        ? new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port).ToString()
        : socket.RemoteEndPoint?.ToString() ?? "";
}

using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>Takes connections of TCP, with TLS or without.</summary>
internal sealed class MessiSocketListener : IMessiListener
{
    private static readonly TimeSpan PauseAfterFault = TimeSpan.FromMilliseconds(100);

    private readonly MessiAddress address;
    private readonly MessiServerOptions options;
    private Socket? listener;
    private CancellationTokenSource? stopping;
    private Task accepting = Task.CompletedTask;
    private int handshakes;
    private TaskCompletionSource? handshakesDone;

    public MessiSocketListener(MessiAddress address, MessiServerOptions options)
    {
        this.address = address;
        this.options = options;
        Address = address.ToString();
        WireFormat = address.WireFormat ?? options.WireFormat; // MESSI-022, MESSI-055
        if (address.Scheme == MessiScheme.Tls && options.Tls is null)
        {
            throw new ArgumentException(
                $"A server at {address} needs a certificate: set Tls of the options, with ServerCertificate.", nameof(options));
        }
    }

    public string Address { get; private set; }

    public MessiWireFormat WireFormat { get; }

    public bool HasLiveness => false;

    public async Task Start(MessiServerCore server, CancellationToken cancellationToken)
    {
        var endpoint = new IPEndPoint(await Resolve(cancellationToken).ConfigureAwait(false), address.Port);
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endpoint.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(endpoint);
            socket.Listen(options.Backlog);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        Address = address.WithPort(((IPEndPoint)socket.LocalEndPoint!).Port).ToString();
        listener = socket;
        stopping = new CancellationTokenSource();
        accepting = Accept(server, socket, stopping.Token);
    }

    public async Task Stop()
    {
        if (stopping is null)
            return;

        await stopping.CancelAsync().ConfigureAwait(false);
        listener?.Dispose();
        await accepting.ConfigureAwait(false);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        handshakesDone = done;
        if (Volatile.Read(ref handshakes) > 0)
            await done.Task.ConfigureAwait(false);
        handshakesDone = null;
    }

    // MESSI-052
    private async Task<IPAddress> Resolve(CancellationToken cancellationToken)
    {
        if (address.Host.Length == 0)
            return Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        if (IPAddress.TryParse(address.Host, out var literal))
            return literal;

        var found = await Dns.GetHostAddressesAsync(address.Host, cancellationToken).ConfigureAwait(false);
        return found.Length > 0 ? found[0] : throw new SocketException((int)SocketError.HostNotFound);
    }

    private async Task Accept(MessiServerCore server, Socket from, CancellationToken cancellationToken)
    {
        // Away from the context of whoever starts the server, which may be that of a user interface.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                Take(server, await from.AcceptAsync(cancellationToken), cancellationToken);
            }
            catch (Exception exception) when (cancellationToken.IsCancellationRequested)
            {
                _ = exception; // The listener was closed under the call.
            }
            catch (SocketException exception)
            {
                // Out of descriptors, or a client that left while it was in the queue: others may come.
                MessiLog.AcceptFailed(server.Logger, exception);
                await Task.Delay(PauseAfterFault, options.TimeProvider, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Take(MessiServerCore server, Socket socket, CancellationToken cancellationToken)
    {
        if (!server.TryReserve())
        {
            socket.Dispose();
            return;
        }

        try
        {
            socket.NoDelay = true; // MESSI-063
            if (options.Tls is null || address.Scheme != MessiScheme.Tls)
                _ = server.Admit(MessiCarrier.Of(socket));
            else
                _ = Secure(server, socket, options.Tls, cancellationToken);
        }
        catch (SocketException)
        {
            // The client has left already.
            socket.Dispose();
            server.Release();
        }
    }

    // MESSI-064
    private async Task Secure(
        MessiServerCore server, Socket socket, SslServerAuthenticationOptions tls, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref handshakes);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var remote = socket.RemoteEndPoint?.ToString() ?? "";
        try
        {
            using var limit = new CancellationTokenSource(options.HandshakeTimeout, options.TimeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            await stream.AuthenticateAsServerAsync(tls, either.Token);
            _ = server.Admit(MessiCarrier.Of(socket, stream));
        }
        catch (Exception exception) // whatever a client does in a handshake, it harms itself alone
        {
            MessiLog.HandshakeFailed(server.Logger, exception, remote);
            await stream.DisposeAsync();
            server.Release();
        }
        finally
        {
            if (Interlocked.Decrement(ref handshakes) == 0)
                handshakesDone?.TrySetResult();
        }
    }
}

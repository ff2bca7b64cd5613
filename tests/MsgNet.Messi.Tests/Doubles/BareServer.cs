using MsgNet.Core;

namespace MsgNet.Messi.Tests;

/// <summary>A server without sockets, types and handlers: what comes costs nothing but what the server itself does.</summary>
internal sealed class BareServer
{
    private static readonly PeerId Peer = PeerId.Parse("12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5");

    private readonly Application application = new();

    public BareServer(MessiServerOptions options)
        : this(options, hasLiveness: true)
    {
    }

    public BareServer(MessiServerOptions options, bool hasLiveness)
        => Core = new MessiServerCore(application, new Listener(hasLiveness), options);

    public MessiServerCore Core { get; }

    /// <summary>Messages that came.</summary>
    public int Received => application.Received;

    /// <summary>Connects a client, and waits until the server reads from it.</summary>
    public MessiLink Admit(Stream stream)
    {
        _ = Core.Admit(MessiCarrier.Of(stream, Peer));
        var link = Core.Snapshot<MessiConnection>()[0].Client.Link;
        SpinWait.SpinUntil(() => link.IsWaitingForBytes);
        return link;
    }

    private sealed class Connection : MessiConnection;

    private sealed class Listener(bool hasLiveness) : IMessiListener
    {
        public string Address => "";

        public MessiWireFormat WireFormat => MessiWireFormat.Documented;

        public bool HasLiveness => hasLiveness;

        public Task Start(MessiServerCore server, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task Stop() => Task.CompletedTask;
    }

    private sealed class Application : IMessiServerApplication
    {
        public int Received { get; private set; }

        public MessiConnection CreateConnection() => new Connection();

        public ValueTask OnConnected(MessiConnection connection, CancellationToken cancellationToken) => default;

        public ValueTask OnDisconnected(MessiConnection connection, MessiDisconnect disconnect) => default;

        public bool TryComplete(MessiConnection connection, ReadOnlySpan<byte> payload) => false;

        public bool TryHandle(
            MessiConnection connection,
            ReadOnlySpan<byte> payload,
            bool isLate,
            out ValueTask handling,
            out Exception? fault,
            CancellationToken cancellationToken)
        {
            (handling, fault) = (default, null);
            Received++;
            return true;
        }
    }
}

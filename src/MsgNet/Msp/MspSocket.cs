using System.IO.Pipelines;
using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// One end of a connection of the Mesh Stream Protocol, or a listener for such: messages in order, each as a whole, both ways. Made by
/// <see cref="MspSockets"/>. Safe on any thread.
/// </summary>
/// <remarks>
/// There are two ways to use it. One is Serval's: <see cref="MspSockets.Create"/>, <see cref="SetHandler"/>,
/// <see cref="Connect(Multiaddress)"/> or <see cref="Listen"/>, <see cref="TrySend"/>; what arrives goes to the handler, and without one
/// it is dropped. The other waits: <see cref="MspSockets.Connect(Multiaddress, CancellationToken)"/> and
/// <see cref="MspSockets.Listen(Multiaddress)"/> make sockets that keep what arrives until <see cref="Receive"/> takes it. Either way
/// <see cref="Shutdown"/> ends the own direction, <see cref="Stop"/> both, at once.
/// </remarks>
public sealed partial class MspSocket : IDisposable
{
    /// <summary>
    /// Sets the own address. Needed before <see cref="Listen"/>; without it <see cref="Connect(Multiaddress)"/> takes a free port. Port
    /// 0 is any.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is connected or listens already.</exception>
    /// <exception cref="ArgumentException">The address is not one of those that <see cref="MspSockets"/> uses.</exception>
    public void Bind(Multiaddress local)
    {
        ArgumentNullException.ThrowIfNull(local);
        using (owner.Gate.Enter())
        {
            RequireUnstarted(); // MSP-110
            owner.Carrier.CheckLocal(local);
            this.local = local;
        }
    }

    /// <summary>As <see cref="Bind(Multiaddress)"/>, to a port of this host: over lanes.</summary>
    public void Bind(uint port) => Bind(MspLanes.AddressOf(port));

    /// <summary>
    /// Opens a connection; returns at once. Nothing is sent before the next pass, so that a message sent now travels in the first packet.
    /// <see cref="IsConnected"/> becomes true when the peer has answered.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is connected or listens already.</exception>
    /// <exception cref="ArgumentException">The address is not one of those that <see cref="MspSockets"/> uses.</exception>
    /// <exception cref="MsgNetException">The system has no port for it, or there are too many; the socket is closed then.</exception>
    public void Connect(Multiaddress remote)
    {
        ArgumentNullException.ThrowIfNull(remote);
        using (owner.Gate.Enter())
        {
            RequireUnstarted();
            Start(() => Attach(owner.Carrier.Connect(owner.Now, this, local, remote))); // MSP-111
            owner.Touch();
        }

        owner.Leave();
    }

    /// <summary>As <see cref="Connect(Multiaddress)"/>, to a port of a peer: over lanes.</summary>
    public void Connect(PeerId peer, uint port) => Connect(MspLanes.AddressOf(peer, port));

    /// <summary>
    /// Takes connections from now on. Each is a new socket with the handler that this one has at that time; the handler is called with it.
    /// </summary>
    /// <exception cref="InvalidOperationException">There was no <see cref="Bind(Multiaddress)"/>, or it is connected or listens
    /// already.</exception>
    /// <exception cref="MsgNetException">The address is in use; the socket is closed then.</exception>
    public void Listen()
    {
        using (owner.Gate.Enter())
        {
            RequireUnstarted();
            if (local is null)
                throw new InvalidOperationException("A listener needs an address: call Bind first."); // MSP-112

            Start(() =>
            {
                local = owner.Carrier.Listen(this, local);
                own |= MspStates.Listening;
            });
        }

        owner.Leave();
    }

    /// <summary>Sets what takes the messages and events of this socket; null: messages are dropped from now on.</summary>
    /// <exception cref="InvalidOperationException">Its messages are read by <see cref="Receive"/> or a stream.</exception>
    public void SetHandler(MspHandler? handler)
    {
        using (owner.Gate.Enter())
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            if (KeepsData)
                throw new InvalidOperationException("This socket keeps its messages for Receive: make one with Create for a handler.");

            this.handler = handler; // MSP-120
            if (handler is null)
                calls.GiveUp();
            OnChanged();
            owner.Touch();
        }

        owner.Leave();
    }

    /// <summary>Sends a message of at most <see cref="MspSockets.MessageSizeMax"/> bytes, if there is room now.</summary>
    /// <returns>
    /// True when it was accepted. An empty message is: nothing is sent for it. False when the peer has not acknowledged enough yet, of
    /// whose end the handler is told by <see cref="MspStates.DataOut"/>, or when the connection is over.
    /// </returns>
    /// <exception cref="MessageTooLargeException">The message is too long.</exception>
    /// <exception cref="InvalidOperationException">It is not connected, or was shut down.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed or abandoned.</exception>
    public bool TrySend(ReadOnlySpan<byte> message)
    {
        RequireFitting(message.Length);
        using (owner.Gate.Enter())
        {
            RequireSendable();
            if (link is null || Has(MspStates.Closed))
                return false; // MSP-130
            if (message.IsEmpty)
                return true; // MSP-132

            var sent = !waits.IsSending && link.TrySend(owner.Now, message);
            if (sent)
                owner.Touch();
            else
                calls.WantRoom(); // MSP-131
            return sent;
        }
    }

    /// <summary>Sends a message; waits while there is no room. Messages leave in the order of the calls.</summary>
    /// <param name="message">Read until the returned task ends.</param>
    /// <param name="cancellationToken">Ends the wait; the message is not sent then.</param>
    /// <exception cref="MessageTooLargeException">The message is too long.</exception>
    /// <exception cref="InvalidOperationException">It is not connected, or was shut down.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed or abandoned.</exception>
    /// <exception cref="MsgNetException">The connection is over.</exception>
    public ValueTask Send(ReadOnlyMemory<byte> message, CancellationToken cancellationToken = default)
    {
        RequireFitting(message.Length);
        using (owner.Gate.Enter())
        {
            RequireSendable();
            if (link is null || Has(MspStates.Closed))
                return ValueTask.FromException(Ended());

            var sending = waits.Send(owner.Now, link, message, cancellationToken);
            owner.Touch();
            return sending;
        }
    }

    /// <summary>
    /// Takes the next message, or the rest of one that did not fit into the last buffer; waits until there is one. For sockets of
    /// <see cref="MspSockets.Connect(Multiaddress, CancellationToken)"/> and <see cref="Accept"/>; any other one keeps its messages
    /// from the first call on.
    /// </summary>
    /// <param name="buffer">
    /// Takes the bytes; with <see cref="MspSockets.MessageSizeMax"/> bytes it holds every message. Belongs to the call until it ends.
    /// </param>
    /// <param name="cancellationToken">Ends the wait; nothing is taken then.</param>
    /// <returns>How many bytes; 0 when the peer has shut down, or <paramref name="buffer"/> is empty and a message waits.</returns>
    /// <exception cref="InvalidOperationException">It is not connected, has a handler, or another call waits already.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed or abandoned.</exception>
    /// <exception cref="MsgNetException">The connection is over before the peer shut down.</exception>
    public ValueTask<int> Receive(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using (owner.Gate.Enter())
        {
            RequireReadable();
            var receiving = waits.Receive(owner.Now, buffer, asStream: false, cancellationToken);
            owner.Touch();
            return receiving;
        }
    }

    /// <summary>Waits for the next connection to a listener of <see cref="MspSockets.Listen(Multiaddress)"/>.</summary>
    /// <exception cref="InvalidOperationException">It does not listen, or hands its connections to a handler.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed or abandoned.</exception>
    /// <exception cref="MsgNetException">The listener was stopped.</exception>
    public ValueTask<MspSocket> Accept(CancellationToken cancellationToken = default)
    {
        using (owner.Gate.Enter())
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            if (!KeepsData || !Has(MspStates.Listening))
                throw new InvalidOperationException("Only listeners of MspSockets.Listen keep connections for Accept.");

            return waits.Accept(cancellationToken);
        }
    }

    /// <summary>
    /// Sends no more messages. What was accepted still arrives, and the peer may go on sending. Nothing happens the second time, or when
    /// the connection is over.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is not connected.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed or abandoned.</exception>
    public void Shutdown()
    {
        using (owner.Gate.Enter())
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            if (!isStarted || Has(MspStates.Listening))
                throw new InvalidOperationException("Only connections can be shut down: call Connect first, or Stop a listener.");

            ShutdownNow();
            owner.Touch();
        }

        owner.Leave();
    }

    /// <summary>
    /// Ends the socket at once. The peer of a connection is told; what it has not consumed yet, and what was not taken here, is lost. A
    /// listener takes no more connections; those it took go on. Nothing happens the second time.
    /// </summary>
    public void Stop()
    {
        using (owner.Gate.Enter())
        {
            StopNow();
            owner.Touch();
        }

        owner.Leave();
    }

    /// <summary>
    /// Forgets the socket at once and tells nobody, neither peer nor handler: the peer finds out when it sends, or waits in vain. Over
    /// lanes of a host the peer is told. Nothing happens the second time.
    /// </summary>
    public void Abandon()
    {
        using (owner.Gate.Enter())
            AbandonNow();

        owner.Leave();
    }

    /// <summary>
    /// Ends the use of the socket. What was accepted for sending still arrives, as after <see cref="Shutdown"/>; what the peer sends is
    /// dropped, and once all has arrived it has 10 s to finish before it is stopped; two minutes in all. No handler is called any more.
    /// </summary>
    public void Dispose()
    {
        using (owner.Gate.Enter())
        {
            DisposeNow();
            owner.Touch();
        }

        owner.Leave();
    }

    /// <summary>
    /// The connection as a stream of bytes: writes become messages as large as possible, reads ignore where messages end. Disposing
    /// the stream disposes the socket.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is not connected, or has a handler.</exception>
    public Stream AsStream()
    {
        using (owner.Gate.Enter())
            RequireReadable();

        return new MspStream(this, Dispose);
    }

    /// <summary>
    /// The connection as a pipe of bytes, as <see cref="AsStream"/>. Completing the output shuts the connection down, completing both ends
    /// disposes the socket.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is not connected, or has a handler.</exception>
    public IDuplexPipe AsPipe()
    {
        using (owner.Gate.Enter())
            RequireReadable();

        return new MspPipe(this);
    }

    /// <summary>What it is and where it stands, for logs.</summary>
    public override string ToString()
    {
        using (owner.Gate.Enter())
            return $"{Name} at {link?.Local ?? local}: {StatesNow}"; // MSP-107
    }
}

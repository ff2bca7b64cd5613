using MsgNet.Core;

namespace MsgNet;

/// <content>What a socket says of itself.</content>
public sealed partial class MspSocket
{
    /// <summary>The bits of Serval's API. No bit: it was made, and neither connected nor listens.</summary>
    // MSP-105
    public MspStates States => Read(static socket => socket.StatesNow);

    /// <summary>It is in use: not disposed or abandoned, and not closed with its handler told so.</summary>
    // MSP-101
    public bool IsValid => Read(static socket => socket.IsValidNow);

    /// <summary>It was made, and neither connected nor set to listen.</summary>
    public bool IsInitialising => Read(static socket => socket.IsValidNow && !socket.isStarted);

    /// <summary>It was connected or set to listen, and has not closed.</summary>
    // MSP-102
    public bool IsOpen => Read(static socket => socket.IsValidNow && socket.isStarted && !socket.Has(MspStates.Closed));

    /// <summary>It is over, or was disposed or abandoned.</summary>
    public bool IsClosed => Read(static socket => !socket.IsValidNow || socket.Has(MspStates.Closed));

    /// <summary>It takes connections.</summary>
    // MSP-103
    public bool IsListening => Read(
        static socket => socket.IsValidNow && (socket.StatesNow & (MspStates.Listening | MspStates.Closed)) == MspStates.Listening);

    /// <summary>A message can be sent, or waits to be acknowledged; false once this side has shut down and all of it is.</summary>
    // MSP-104
    public bool IsData => Read(
        static socket => socket.IsValidNow
            && (socket.Has(MspStates.DataOut) || socket.link is { HasQueued: true } || socket.waits.IsSending));

    /// <summary>The peer has sent a packet.</summary>
    public bool IsConnected => Read(static socket => socket.IsValidNow && socket.Has(MspStates.ReceivedPacket));

    /// <summary>This side sends no more messages.</summary>
    public bool IsShutdownLocal => Read(static socket => socket.IsValidNow && socket.Has(MspStates.ShutdownLocal));

    /// <summary>The peer sends no more messages, and all it sent were consumed.</summary>
    public bool IsShutdownRemote => Read(static socket => socket.IsValidNow && socket.Has(MspStates.ShutdownRemote));

    /// <summary>The sockets it belongs to.</summary>
    public MspSockets Sockets => owner;

    /// <summary>
    /// Its own address, with the real port once it is connected or listens; null before <see cref="Bind(Multiaddress)"/>.
    /// </summary>
    // MSP-113
    public Multiaddress? LocalAddress => Read(static socket => socket.link?.Local ?? socket.local);

    /// <summary>The peer's address; null of a listener, and before <see cref="Connect(Multiaddress)"/>.</summary>
    public Multiaddress? RemoteAddress => Read(static socket => socket.remote);

    /// <summary>Free for the user: what belongs to this connection, where one handler serves many.</summary>
    public object? Tag { get; set; }

    /// <summary>
    /// Ends with the socket: completes when both sides have shut down and everything was consumed, or when this side stopped or
    /// disposed it.
    /// </summary>
    /// <exception cref="MsgNetException">The peer stopped it, fell silent, or the handler threw.</exception>
    public Task Completion => completion.Task;

    private T Read<T>(Func<MspSocket, T> read)
    {
        using (owner.Gate.Enter())
            return read(this);
    }
}

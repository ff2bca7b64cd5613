using Microsoft.Extensions.DependencyInjection;

namespace MsgNet;

/// <summary>
/// Says more about the host that <c>AddMsgNet</c> registers: its transports, its handlers, and who starts and stops it. Not safe for
/// several threads at once, as the services it adds to are not.
/// </summary>
public interface IMsgNetBuilder
{
    /// <summary>The services being configured.</summary>
    IServiceCollection Services { get; }

    /// <summary>Gives the host UDP: sealed datagrams, unreliable messages and requests. Without any transport named it has all.</summary>
    IMsgNetBuilder AddUdp();

    /// <summary>
    /// Gives the host reliable messages over UDP, in order or as they come, by the same ports and channels as <see cref="AddUdp"/>. Without
    /// any transport named it has all.
    /// </summary>
    IMsgNetBuilder AddMsp();

    /// <summary>Gives the host the transport between hosts of one process. Without any transport named it has all.</summary>
    IMsgNetBuilder AddMemory();

    /// <summary>
    /// Lets the generic host start and stop the message host: it listens when the application starts, with its handlers set, and closes
    /// when the application stops, with <see cref="MsgNetOptions.DrainTimeout"/> for what is under way, or less when the application's
    /// shutdown token ends that. Wrong options and an address that cannot be listened on fail the start. Resolved before the start, the
    /// host does not listen yet. Calling this again changes nothing.
    /// </summary>
    IMsgNetBuilder AddHosting();

    /// <summary>
    /// Sets a handler when the application starts, before the host listens; does <see cref="AddHosting"/> too. <paramref name="make"/> is
    /// called once, with the container's root: what it resolves lives as long as the application, so a handler that needs scoped services
    /// makes a scope for itself.
    /// </summary>
    /// <param name="protocol">The protocol; one handler each.</param>
    /// <param name="make">Makes the handler, for example <c>services => services.GetRequiredService&lt;Greeter&gt;().Handle</c>.</param>
    /// <exception cref="ArgumentException">The protocol is empty, or has a handler already.</exception>
    IMsgNetBuilder AddMessageHandler(ProtocolId protocol, Func<IServiceProvider, MessageHandler> make);

    /// <summary>As <see cref="AddMessageHandler(ProtocolId, Func{IServiceProvider, MessageHandler})"/>, and says how it is run.</summary>
    /// <exception cref="ArgumentException">The protocol is empty or has a handler already, or the options are out of range.</exception>
    IMsgNetBuilder AddMessageHandler(ProtocolId protocol, Func<IServiceProvider, MessageHandler> make, HandlerOptions options);

    /// <summary>
    /// Sets a handler of streams when the application starts, as
    /// <see cref="AddMessageHandler(ProtocolId, Func{IServiceProvider, MessageHandler})"/> does one of messages. Streams come by the
    /// transports of <see cref="AddMsp"/> and <see cref="AddMemory"/>.
    /// </summary>
    /// <param name="protocol">The protocol; one handler each, of messages or of streams.</param>
    /// <param name="make">Makes the handler, for example <c>services => services.GetRequiredService&lt;Files&gt;().Take</c>.</param>
    /// <exception cref="ArgumentException">The protocol is empty, or has a handler already.</exception>
    IMsgNetBuilder AddStreamHandler(ProtocolId protocol, Func<IServiceProvider, StreamHandler> make);
}

namespace MsgNet.Messi;

/// <summary>
/// Marks a partial class for which a client and a server are generated: <c>[MessiProtocol(typeof(ClientToServer), typeof(ServerToClient))]
/// public partial class Chat;</c> gives <c>ChatClient</c>, <c>ChatServer</c> and <c>ChatConnection</c> beside it.
/// </summary>
/// <param name="clientToServer">The Protobuf message that clients send, with exactly one oneof, called <c>messages</c>.</param>
/// <param name="serverToClient">The Protobuf message that servers send, likewise.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class MessiProtocolAttribute(Type clientToServer, Type serverToClient) : Attribute
{
    /// <summary>The Protobuf message that clients send.</summary>
    public Type ClientToServer { get; } = clientToServer;

    /// <summary>The Protobuf message that servers send.</summary>
    public Type ServerToClient { get; } = serverToClient;
}

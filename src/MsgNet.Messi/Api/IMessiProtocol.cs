namespace MsgNet.Messi;

/// <summary>What the generated code says of a protocol, so that a container can make its client and server without reflection.</summary>
public interface IMessiProtocol
{
    /// <summary>The name of the class that bears <see cref="MessiProtocolAttribute"/>, such as <c>Chat</c>.</summary>
    static abstract string Name { get; }

    /// <summary>Tells <paramref name="registry"/> how the client and the server are made, whichever were generated.</summary>
    static abstract void Register(IMessiRegistry registry);
}

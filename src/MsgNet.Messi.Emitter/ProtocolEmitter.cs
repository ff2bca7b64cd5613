namespace MsgNet.Messi.Emitter;

/// <summary>The class that stands for the protocol, such as <c>Chat</c>.</summary>
internal static class ProtocolEmitter
{
    public static void Write(SourceWriter writer, MessiProtocol protocol, MessiSide side)
    {
        var name = protocol.Name;
        writer.Write($$"""
            /// <summary>
            /// The protocol in which clients send <see cref="{{protocol.ClientToServer.Type}}"/> and servers
            /// <see cref="{{protocol.ServerToClient.Type}}"/>. As a type argument it names the protocol to a container.
            /// </summary>
            {{protocol.Accessibility}} partial class {{name}} : global::MsgNet.Messi.IMessiProtocol
            """).Open();
        writer.Write($"""
            {MessiEmitter.Attribute}
            static string global::MsgNet.Messi.IMessiProtocol.Name => "{name}";

            {MessiEmitter.Attribute}
            static void global::MsgNet.Messi.IMessiProtocol.Register(global::MsgNet.Messi.IMessiRegistry registry)
            """).Open();
        if (side != MessiSide.Server)
        {
            writer.Write($"""
                registry.AddClient(
                    static (address, options) => new {name}Client(address, options),
                    static (host, peer, options) => new {name}Client(host, peer, options));
                """);
        }

        if (side != MessiSide.Client)
        {
            writer.Write($"""
                registry.AddServer(
                    static (address, options) => new {name}Server(address, options),
                    static (host, options) => new {name}Server(host, options));
                """);
        }

        writer.Close().Close();
    }
}

namespace MsgNet.Messi.Emitter;

/// <summary>The class of a protocol's servers, such as <c>ChatServer</c>. MESSI-092.</summary>
internal static class ServerEmitter
{
    public static void Write(SourceWriter writer, MessiProtocol protocol)
    {
        var (sent, received) = (protocol.ServerToClient, protocol.ClientToServer);
        var connection = protocol.Name + "Connection";
        writer.Write($$"""
            /// <summary>
            /// A server of the protocol {{protocol.Name}}. Set the handlers, then <c>Start</c> it. Handlers of one client run one after
            /// another, those of different clients at once. Safe on any thread.
            /// </summary>
            {{MessiEmitter.Attribute}}
            {{protocol.Accessibility}} sealed partial class {{protocol.Name}}Server
                : {{Names.Messi}}MessiServer<{{connection}}, {{received.Type}}>
            """).Open();
        WriteConstructors(writer, protocol);
        foreach (var member in received.Members)
        {
            var pair = sent.Pairs(received).FirstOrDefault(pair => pair.Response == member);
            var which = pair is null ? "" : $" that no call of <see cref=\"{connection}.{pair.Name}\"/> waits for";
            writer.Paragraph($$"""
                /// <summary>Takes each {{member.Name}}{{which}}; null, the default, ignores them.</summary>
                public {{Names.Messi}}MessiHandler<{{connection}}, {{member.Type}}>? {{MessiNames.Handler(member)}} { get; set; }
                """);
        }

        foreach (var member in sent.Members)
        {
            writer.Paragraph($"""
                /// <summary>
                /// Sends {member.Name} to all clients, the newest first. Never waits: a client whose queue is full is disconnected.
                /// </summary>
                /// <returns>How many clients it is on the way to.</returns>
                /// <exception cref="{Names.Messi}MessiException">The message is too big; nothing was sent.</exception>
                public int Broadcast{sent.Suffix(member)}({member.Type} message) => BroadcastMember({member.Number}, message);
                """);
        }

        WriteDispatch(writer, protocol, connection);
        writer.Close();
    }

    private static void WriteConstructors(SourceWriter writer, MessiProtocol protocol) => writer.Paragraph($$"""
        /// <summary>Makes a server that listens at an address, with default options.</summary>
        /// <param name="address">Such as <c>tcp://127.0.0.1:6000</c>; without a host everywhere; port 0 takes a free one.</param>
        /// <exception cref="global::System.FormatException">The address cannot be read.</exception>
        public {{protocol.Name}}Server(string address)
            : this(address, new {{Names.Messi}}MessiServerOptions())
        {
        }

        /// <summary>Makes a server that listens at an address.</summary>
        /// <param name="address">Such as <c>tcp://127.0.0.1:6000</c> or <c>tls://127.0.0.1:6000</c>; without a host everywhere.</param>
        /// <param name="options">The options; they are copied.</param>
        /// <exception cref="global::System.FormatException">The address cannot be read.</exception>
        /// <exception cref="global::Microsoft.Extensions.Options.OptionsValidationException">The options are wrong.</exception>
        public {{protocol.Name}}Server(string address, {{Names.Messi}}MessiServerOptions options)
            : base(address, options, {{protocol.Package}})
        {
        }

        /// <summary>Makes a server that takes streams of a host, with default options.</summary>
        /// <param name="host">Takes the streams; it is not closed with the server.</param>
        public {{protocol.Name}}Server({{Names.MsgNet}}IMessageHost host)
            : this(host, new {{Names.Messi}}MessiServerOptions())
        {
        }

        /// <summary>Makes a server that takes streams of a host.</summary>
        /// <param name="host">Takes the streams; it is not closed with the server.</param>
        /// <param name="options">The options; they are copied.</param>
        /// <exception cref="global::Microsoft.Extensions.Options.OptionsValidationException">The options are wrong.</exception>
        public {{protocol.Name}}Server({{Names.MsgNet}}IMessageHost host, {{Names.Messi}}MessiServerOptions options)
            : base(host, options, {{protocol.Package}})
        {
        }
        """);

    private static void WriteDispatch(SourceWriter writer, MessiProtocol protocol, string connection)
    {
        var received = protocol.ClientToServer;
        var pairs = protocol.ServerToClient.Pairs(received).ToArray();
        writer.Paragraph($"""
            /// <inheritdoc/>
            protected override {Names.Parser}<{received.Type}> Parser =>
                {received.Type}.Parser;

            /// <inheritdoc/>
            protected override {connection} CreateConnection() => new {connection}();
            """);
        SendEmitter.WriteTryComplete(writer, received, pairs, connection);
        writer.Paragraph($"""
            /// <inheritdoc/>
            protected override {Names.ValueTask} Dispatch(
                {connection} connection, {received.Type} message, {Names.CancellationToken} cancellationToken)
            """).Open();
        SendEmitter.WriteCases(writer, received, received.Members, "UnknownMessage(connection)", member =>
            $"Handle({MessiNames.Handler(member)}, connection, message.{member.Name}, cancellationToken)");
        writer.Close();
    }
}

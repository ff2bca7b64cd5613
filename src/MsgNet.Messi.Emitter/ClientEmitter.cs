namespace MsgNet.Messi.Emitter;

/// <summary>The class of a protocol's clients, such as <c>ChatClient</c>. MESSI-092.</summary>
internal static class ClientEmitter
{
    public static void Write(SourceWriter writer, MessiProtocol protocol)
    {
        var (sent, received) = (protocol.ClientToServer, protocol.ServerToClient);
        var pairs = sent.Pairs(received).ToArray();
        writer.Write($$"""
            /// <summary>
            /// A client of the protocol {{protocol.Name}}. Set the handlers, then <c>Start</c> it: it connects, and connects again
            /// whenever the connection is lost. Safe on any thread.
            /// </summary>
            {{MessiEmitter.Attribute}}
            {{protocol.Accessibility}} sealed partial class {{protocol.Name}}Client : {{Names.Messi}}MessiClient<{{received.Type}}>
            """).Open();
        foreach (var pair in pairs)
            writer.Write($"private readonly {Names.Messi}MessiCalls<{pair.Response.Type}> {pair.Field};");

        WriteConstructors(writer, protocol, pairs);
        foreach (var member in received.Members)
            WriteHandler(writer, member, pairs.FirstOrDefault(pair => pair.Response == member));
        foreach (var member in sent.Members)
            SendEmitter.WriteSends(writer, member, sent.Suffix(member), "the server");
        foreach (var pair in pairs)
            SendEmitter.WriteCall(writer, pair, "the server");
        WriteDispatch(writer, received, pairs);
        writer.Close();
    }

    private static void WriteConstructors(SourceWriter writer, MessiProtocol protocol, MessiPair[] pairs)
    {
        writer.Paragraph($$"""
            /// <summary>Makes a client of the server at an address, with default options.</summary>
            /// <param name="address">Such as <c>tcp://127.0.0.1:6000</c> or <c>tls://example.org:6000</c>.</param>
            /// <exception cref="global::System.FormatException">The address cannot be read.</exception>
            public {{protocol.Name}}Client(string address)
                : this(address, new {{Names.Messi}}MessiClientOptions())
            {
            }

            /// <summary>Makes a client of the server at an address.</summary>
            /// <param name="address">
            /// Such as <c>tcp://127.0.0.1:6000</c>, <c>tls://example.org:6000</c>, or a multiaddress that ends in
            /// <c>/p2p/PEERID</c>, which the options' host dials. <c>?wire=compact</c> behind it speaks as Messi does since
            /// its release 0.12.
            /// </param>
            /// <param name="options">The options; they are copied.</param>
            /// <exception cref="global::System.FormatException">The address cannot be read.</exception>
            /// <exception cref="global::Microsoft.Extensions.Options.OptionsValidationException">The options are wrong.</exception>
            public {{protocol.Name}}Client(string address, {{Names.Messi}}MessiClientOptions options)
                : base(address, options, {{protocol.Package}})
            """);
        WriteBody(writer, pairs);
        writer.Paragraph($$"""
            /// <summary>Makes a client of a peer, over streams of a host, with default options.</summary>
            /// <param name="host">Opens the streams; it is not closed with the client.</param>
            /// <param name="peer">The peer whose host serves the protocol.</param>
            public {{protocol.Name}}Client({{Names.MsgNet}}IMessageHost host, {{Names.PeerId}} peer)
                : this(host, peer, new {{Names.Messi}}MessiClientOptions())
            {
            }

            /// <summary>Makes a client of a peer, over streams of a host.</summary>
            /// <param name="host">Opens the streams; it is not closed with the client.</param>
            /// <param name="peer">The peer whose host serves the protocol.</param>
            /// <param name="options">The options; they are copied.</param>
            /// <exception cref="global::Microsoft.Extensions.Options.OptionsValidationException">The options are wrong.</exception>
            public {{protocol.Name}}Client(
                {{Names.MsgNet}}IMessageHost host, {{Names.PeerId}} peer, {{Names.Messi}}MessiClientOptions options)
                : base(host, peer, options, {{protocol.Package}})
            """);
        WriteBody(writer, pairs);
    }

    private static void WriteBody(SourceWriter writer, MessiPair[] pairs)
    {
        writer.Open();
        foreach (var pair in pairs)
            writer.Write($"{pair.Field} = AddCalls<{pair.Response.Type}>();");
        writer.Close();
    }

    private static void WriteHandler(SourceWriter writer, MessiMember member, MessiPair? pair)
    {
        var which = pair is null ? "" : $" that no call of <c>{pair.Name}</c> waits for";
        writer.Paragraph($$"""
            /// <summary>Takes each {{member.Name}}{{which}}; null, the default, ignores them.</summary>
            public {{Names.Messi}}MessiHandler<{{member.Type}}>? {{MessiNames.Handler(member)}} { get; set; }
            """);
    }

    private static void WriteDispatch(SourceWriter writer, MessiDirection received, MessiPair[] pairs)
    {
        writer.Paragraph($"""
            /// <inheritdoc/>
            protected override {Names.Parser}<{received.Type}> Parser =>
                {received.Type}.Parser;
            """);
        SendEmitter.WriteTryComplete(writer, received, pairs, connection: null);
        writer.Paragraph($"""
            /// <inheritdoc/>
            protected override {Names.ValueTask} Dispatch(
                {received.Type} message, {Names.CancellationToken} cancellationToken)
            """).Open();
        SendEmitter.WriteCases(writer, received, received.Members, "UnknownMessage()", member =>
            $"Handle({MessiNames.Handler(member)}, message.{member.Name}, cancellationToken)");
        writer.Close();
    }
}

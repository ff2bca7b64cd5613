namespace MsgNet.Messi.Emitter;

/// <summary>The class of what a server holds of a client, such as <c>ChatConnection</c>. MESSI-092.</summary>
internal static class ConnectionEmitter
{
    public static void Write(SourceWriter writer, MessiProtocol protocol)
    {
        var (sent, received) = (protocol.ServerToClient, protocol.ClientToServer);
        var pairs = sent.Pairs(received).ToArray();
        writer.Write($$"""
            /// <summary>A client of the protocol {{protocol.Name}} as its server sees it. Safe on any thread.</summary>
            {{MessiEmitter.Attribute}}
            {{protocol.Accessibility}} sealed partial class {{protocol.Name}}Connection : {{Names.Messi}}MessiConnection
            """).Open();
        foreach (var pair in pairs)
            writer.Write($"internal readonly {Names.Messi}MessiCalls<{pair.Response.Type}> {pair.Field};");

        writer.Paragraph($"internal {protocol.Name}Connection()").Open();
        foreach (var pair in pairs)
            writer.Write($"{pair.Field} = AddCalls<{pair.Response.Type}>();");
        writer.Close();

        foreach (var member in sent.Members)
        {
            var suffix = sent.Suffix(member);
            SendEmitter.WriteSends(writer, member, suffix, "this client");
            writer.Paragraph($"""
                /// <summary>Answers, while a handler of this client runs, with {member.Name}.</summary>
                /// <exception cref="global::System.InvalidOperationException">No handler of this client runs.</exception>
                /// <exception cref="{Names.Messi}MessiException">Not connected, or the message is too big; nothing was sent.</exception>
                public {Names.ValueTask} Reply{suffix}(
                    {member.Type} message, {Names.CancellationToken} cancellationToken = default) =>
                    ReplyMember({member.Number}, message, cancellationToken);
                """);
        }

        foreach (var pair in pairs)
            SendEmitter.WriteCall(writer, pair, "this client");
        writer.Close();
    }
}

namespace MsgNet.Messi.Emitter;

/// <summary>What clients and connections have in common: methods that send, calls, the choice of a handler.</summary>
internal static class SendEmitter
{
    /// <summary>Writes the two methods that send a member. MESSI-093.</summary>
    public static void WriteSends(SourceWriter writer, MessiMember member, string suffix, string receiver)
    {
        writer.Paragraph($"""
            /// <summary>Sends {member.Name} to {receiver}. Completes when it is queued; waits while the queue is full.</summary>
            /// <exception cref="{Names.Messi}MessiException">Not connected, or the message is too big; nothing was sent.</exception>
            public {Names.ValueTask} Send{suffix}(
                {member.Type} message, {Names.CancellationToken} cancellationToken = default) =>
                SendMember({member.Number}, message, cancellationToken);

            /// <summary>Sends {member.Name} to {receiver} if it is connected and the queue has room.</summary>
            /// <returns>False when it is not connected or there is no room; nothing was sent.</returns>
            /// <exception cref="{Names.Messi}MessiException">The message is too big.</exception>
            public bool TrySend{suffix}({member.Type} message) => TrySendMember({member.Number}, message);
            """);
    }

    /// <summary>Writes the method that sends a request and waits for its response. MESSI-094.</summary>
    public static void WriteCall(SourceWriter writer, MessiPair pair, string receiver)
    {
        writer.Paragraph($"""
            /// <summary>
            /// Sends {pair.Request.Name} to {receiver} and waits for {pair.Response.Name}. Responses belong to requests in the
            /// order in which these were sent; they pass messages that wait for a handler, so that handlers may await them.
            /// </summary>
            /// <exception cref="{Names.Messi}MessiException">Not connected, the connection was lost, or the message is too big.</exception>
            /// <exception cref="global::System.TimeoutException">No response within the options' time.</exception>
            public {Names.ValueTask}<{pair.Response.Type}> {pair.Name}(
                {pair.Request.Type} request, {Names.CancellationToken} cancellationToken = default) =>
                Call({pair.Field}, {pair.Request.Number}, request, cancellationToken);
            """);
    }

    /// <summary>Writes what gives responses to calls. MESSI-086.</summary>
    public static void WriteTryComplete(SourceWriter writer, MessiDirection received, MessiPair[] pairs, string? connection)
    {
        if (pairs.Length == 0)
            return;

        var parameter = connection is null ? "" : $"{connection} connection, ";
        writer.Paragraph($"""
            /// <inheritdoc/>
            protected override bool TryComplete({parameter}{received.Type} message)
            """).Open();
        var owner = connection is null ? "" : "connection.";
        WriteCases(writer, received, pairs.Select(pair => pair.Response), "false", member =>
            $"{owner}{pairs.First(pair => pair.Response == member).Field}.TryComplete(message.{member.Name})");
        writer.Close();
    }

    /// <summary>Writes what chooses by the member of the oneof that is set.</summary>
    public static void WriteCases(
        SourceWriter writer, MessiDirection received, IEnumerable<MessiMember> members, string otherwise, Func<MessiMember, string> arm)
    {
        writer.Write("return message.MessagesCase switch").Open();
        foreach (var member in members)
            writer.Write($"{received.Type}.MessagesOneofCase.{member.Case} =>\n    {arm(member)},");
        writer.Write($"_ => {otherwise},").Close(";");
    }
}

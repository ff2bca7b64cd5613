using System.Globalization;

namespace MsgNet.Messi.Emitter;

/// <summary>Decides whether two messages make a protocol. MESSI-074.</summary>
internal static class MessiRules
{
    private const string OneofName = "messages";

    /// <summary>
    /// The protocol of two messages, or null: then <paramref name="faults"/> says why. Faults that are notes come without a protocol, too.
    /// </summary>
    public static MessiProtocol? Check(
        string name,
        string @namespace,
        string accessibility,
        MessiMessage clientToServer,
        MessiMessage serverToClient,
        ICollection<MessiFault> faults)
    {
        var before = faults.Count;
        var toServer = Check(name, clientToServer, faults);
        var toClient = clientToServer.Type == serverToClient.Type ? toServer : Check(name, serverToClient, faults);
        if (toServer is null || toClient is null || faults.Count > before)
            return null;

        var protocol = new MessiProtocol(name, @namespace, accessibility, toServer, toClient);
        foreach (var clash in MessiNames.Clashes(protocol))
            faults.Add(clash);
        return faults.Count > before ? null : protocol;
    }

    private static MessiDirection? Check(string name, MessiMessage message, ICollection<MessiFault> faults)
    {
        if (Fault(name, message) is { } fault)
        {
            faults.Add(fault);
            return null;
        }

        var members = message.Oneofs[0].Members;
        foreach (var member in members.Where(member => !member.IsMessage))
            faults.Add(new MessiFault(MessiFaultKind.ScalarMember, message.Name, member.Name, member.Type));
        return new MessiDirection(message.Type, members);
    }

    private static MessiFault? Fault(string name, MessiMessage message)
    {
        if (!message.HasFields)
            return new MessiFault(MessiFaultKind.NothingToSend, message.Name, name);
        if (message.Oneofs.Count == 0)
            return new MessiFault(MessiFaultKind.NoOneof, message.Name);
        if (message.Oneofs.Count > 1)
        {
            return new MessiFault(
                MessiFaultKind.SeveralOneofs,
                message.Name,
                message.Oneofs.Count.ToString(CultureInfo.InvariantCulture),
                string.Join(", ", message.Oneofs.Select(oneof => oneof.Name)));
        }

        // All that is known of it in C# is the name that protoc made: "messages" is "Messages" there.
        var oneof = message.Oneofs[0].Name;
        return oneof is OneofName or "Messages" ? null : new MessiFault(MessiFaultKind.WrongOneofName, message.Name, oneof);
    }
}

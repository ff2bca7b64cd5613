namespace MsgNet.Messi.Emitter;

/// <summary>
/// The names of generated members, and what they may not be: what the base classes have already, and one another. MESSI-095.
/// </summary>
internal static class MessiNames
{
    /// <summary>What every class has from <see cref="object"/>.</summary>
    private static readonly string[] ObjectMembers =
        ["Equals", "Finalize", "GetHashCode", "GetType", "MemberwiseClone", "ReferenceEquals", "ToString"];

    /// <summary>Names that MessiClient takes, and the generated methods that send.</summary>
    public static IReadOnlyCollection<string> ClientMembers { get; } =
    [
        .. ObjectMembers,
        "AddCalls", "Call", "Dispatch", "DisposeAsync", "Handle", "OnConnectFailed", "OnConnected", "OnDisconnected", "Parser", "Send",
        "SendMember", "Start", "State", "Stop", "TryComplete", "TrySend", "TrySendMember", "UnknownMessage", "WaitForConnection",
    ];

    /// <summary>Names that MessiConnection takes, and the generated methods that send.</summary>
    public static IReadOnlyCollection<string> ConnectionMembers { get; } =
    [
        .. ObjectMembers,
        "AddCalls", "Call", "Completion", "Disconnect", "Remote", "RemotePeer", "Reply", "ReplyMember", "Send", "SendMember", "Tag",
        "TrySend", "TrySendMember",
    ];

    /// <summary>Names that MessiServer takes, and the generated methods that send.</summary>
    public static IReadOnlyCollection<string> ServerMembers { get; } =
    [
        .. ObjectMembers,
        "Address", "Broadcast", "BroadcastMember", "Connections", "CreateConnection", "Dispatch", "DisposeAsync", "Handle", "OnConnected",
        "OnDisconnected", "Parser", "Start", "Stop", "TryComplete", "UnknownMessage",
    ];

    /// <summary>The property that holds the handler of a member.</summary>
    public static string Handler(MessiMember member) => "On" + member.Name;

    /// <summary>Every two members of a generated class that would have one name.</summary>
    public static IEnumerable<MessiFault> Clashes(MessiProtocol protocol)
    {
        var (toServer, toClient) = (protocol.ClientToServer, protocol.ServerToClient);
        var client = Handlers(toClient).Concat(Calls(toServer.Pairs(toClient))).Concat(Sends(toServer, "Send", "TrySend"));
        var connection = Calls(toClient.Pairs(toServer)).Concat(Sends(toClient, "Send", "TrySend", "Reply"));
        var server = Handlers(toServer).Concat(Sends(toClient, "Broadcast"));
        return Clashes(protocol.Name + "Client", "MessiClient", ClientMembers, client)
            .Concat(Clashes(protocol.Name + "Connection", "MessiConnection", ConnectionMembers, connection))
            .Concat(Clashes(protocol.Name + "Server", "MessiServer", ServerMembers, server));
    }

    private static IEnumerable<MessiFault> Clashes(
        string type, string baseType, IEnumerable<string> taken, IEnumerable<(string Name, string What)> members)
    {
        var known = taken.ToDictionary(name => name, _ => "a member of " + baseType);
        known[type] = "the class itself";
        foreach (var (name, what) in members)
        {
            if (known.TryGetValue(name, out var other))
                yield return new MessiFault(MessiFaultKind.NameClash, type, name, what, other);
            else
                known.Add(name, what);
        }
    }

    private static IEnumerable<(string Name, string What)> Handlers(MessiDirection direction) =>
        direction.Members.Select(member => (Handler(member), $"the handler of {member.Name}"));

    private static IEnumerable<(string Name, string What)> Calls(IEnumerable<MessiPair> pairs) =>
        pairs.Select(pair => (pair.Name, $"the call of {pair.Request.Name} and {pair.Response.Name}"));

    // Without a suffix they are overloads of one name, which is reserved.
    private static IEnumerable<(string Name, string What)> Sends(MessiDirection direction, params string[] verbs) =>
        from member in direction.Members
        let suffix = direction.Suffix(member)
        where suffix.Length > 0
        from verb in verbs
        select (verb + suffix, $"the method that sends {member.Name}");
}

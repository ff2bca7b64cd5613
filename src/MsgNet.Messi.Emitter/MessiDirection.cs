namespace MsgNet.Messi.Emitter;

/// <summary>What one side sends to the other.</summary>
/// <param name="Type">The type in C# of the message with the oneof, with <c>global::</c>.</param>
/// <param name="Members">The members of its oneof, one at least, all of them messages.</param>
internal sealed record MessiDirection(string Type, EquatableArray<MessiMember> Members)
{
    private const string Request = "Req";
    private const string Response = "Rsp";

    /// <summary>
    /// What the methods that send <paramref name="member"/> are called behind their verb: nothing, as its type tells it from the others,
    /// or its own name where several members have that type. MESSI-093.
    /// </summary>
    public string Suffix(MessiMember member) => Members.Count(other => other.Type == member.Type) == 1 ? "" : member.Name;

    /// <summary>The calls of the side that sends this: a member FooReq with the answer FooRsp in the other direction. MESSI-094.</summary>
    public IEnumerable<MessiPair> Pairs(MessiDirection answers) =>
        from request in Members
        where request.Name.Length > Request.Length && request.Name.EndsWith(Request, StringComparison.Ordinal)
        let name = request.Name.Substring(0, request.Name.Length - Request.Length)
        from response in answers.Members
        where response.Name == name + Response
        select new MessiPair(name, request, response);
}

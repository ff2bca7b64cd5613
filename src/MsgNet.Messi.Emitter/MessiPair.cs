namespace MsgNet.Messi.Emitter;

/// <summary>A request and its response.</summary>
/// <param name="Name">What the call is called: the members' names without Req and Rsp.</param>
/// <param name="Request">What is sent.</param>
/// <param name="Response">What comes back.</param>
internal sealed record MessiPair(string Name, MessiMember Request, MessiMember Response)
{
    /// <summary>The field that holds the calls that wait.</summary>
    public string Field => char.ToLowerInvariant(Name[0]) + Name.Substring(1) + "Calls";
}

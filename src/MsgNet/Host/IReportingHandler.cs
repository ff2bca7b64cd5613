namespace MsgNet;

/// <summary>A handler of ours, seen through <see cref="Delegate.Target"/>, that has something to count: malformed messages.</summary>
internal interface IReportingHandler
{
    /// <summary>Called when it is set as the handler of a protocol.</summary>
    void Attach(HandlerReports reports);
}

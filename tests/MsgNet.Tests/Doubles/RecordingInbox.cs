namespace MsgNet.Tests;

/// <summary>A reliable carrier that keeps what it is told.</summary>
internal sealed class RecordingInbox : ICarrierInbox
{
    public List<ulong> Handled { get; } = [];

    public List<ulong> Dropped { get; } = [];

    public List<ProtocolId> Rooms { get; } = [];

    /// <summary>How often it was told that all is told.</summary>
    public int Ends { get; private set; }

    /// <summary>What the carrier does when there is room: usually it offers again.</summary>
    public Action? WhenRoom { get; set; }

    public void OnRoom(ProtocolId protocol)
    {
        Rooms.Add(protocol);
        WhenRoom?.Invoke();
    }

    public void OnHandled(ReadOnlySpan<ulong> tokens) => Handled.AddRange(tokens);

    public void AfterHandled() => Ends++;

    public void OnDropped(ulong token) => Dropped.Add(token);
}

namespace MsgNet.Tests;

/// <summary>A reliable carrier that keeps what it is told.</summary>
internal sealed class RecordingInbox : ICarrierInbox
{
    public List<ulong> Handled { get; } = [];

    public List<ulong> Dropped { get; } = [];

    public List<ProtocolId> Rooms { get; } = [];

    /// <summary>What the carrier does when there is room: usually it offers again.</summary>
    public Action? WhenRoom { get; set; }

    public void OnRoom(ProtocolId protocol)
    {
        Rooms.Add(protocol);
        WhenRoom?.Invoke();
    }

    public void OnHandled(ulong token) => Handled.Add(token);

    public void OnDropped(ulong token) => Dropped.Add(token);
}

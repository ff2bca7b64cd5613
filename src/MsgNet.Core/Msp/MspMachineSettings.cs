namespace MsgNet.Core;

/// <summary>How one <see cref="MspMachine"/> works.</summary>
internal sealed record MspMachineSettings
{
    /// <summary>Bits of a sequence number on the wire: 16, and 4 in the test that tries every schedule.</summary>
    public int SequenceBits { get; init; } = 16;

    /// <summary>Segments that may be unacknowledged before the peer has said otherwise; less than half of the sequence numbers.</summary>
    public required int SendWindow { get; init; }

    /// <summary>Segments accepted beyond the last one consumed, at first; less than half of the sequence numbers.</summary>
    public required int ReceiveWindow { get; init; }
}

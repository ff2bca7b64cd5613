namespace MsgNet.Messi;

/// <summary>How frames of Messi look on the wire (<c>specs/messi.md</c> section 1). Peers of different formats do not understand each
/// other; servers here find out which one a client speaks.</summary>
public enum MessiWireFormat
{
    /// <summary>
    /// As the original's documentation has it: 4 bytes of type, 4 bytes of size; user message 1, ping 2, pong 3.
    /// </summary>
    Documented,

    /// <summary>
    /// As the original's releases since 0.12 speak: 1 byte of type, 3 bytes of size; user message 1 and 2, ping 3, pong 4.
    /// </summary>
    Compact,
}

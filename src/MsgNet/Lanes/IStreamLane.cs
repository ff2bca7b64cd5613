namespace MsgNet;

/// <summary>
/// One end of a stream as its carrier keeps it, under a <see cref="LaneStream"/>. Every member is called under the host's gate. The carrier
/// tells the stream, under the gate too, when there is something to read, room to write, and the end; from within such a call the members
/// here may be called, except <see cref="Flush"/>.
/// </summary>
internal interface IStreamLane
{
    /// <summary>Bytes wait to be read.</summary>
    bool HasData { get; }

    /// <summary>The peer has completed its writes, and everything was read.</summary>
    bool IsReadEnded { get; }

    /// <summary>After <see cref="CompleteWrites"/>: the peer has read everything, the end included.</summary>
    bool IsWriteEnded { get; }

    /// <summary>Copies bytes that wait, in order, and makes room for as many; returns how many, 0 when none wait.</summary>
    int Read(Span<byte> destination);

    /// <summary>
    /// Accepts bytes, as many as there is room for; returns how many. When it was not all, <see cref="LaneStream.OnRoom"/> follows.
    /// </summary>
    int Write(ReadOnlySpan<byte> data);

    /// <summary>No bytes follow those accepted. Called once.</summary>
    void CompleteWrites();

    /// <summary>Ends the stream both ways and tells the peer. Called once, and nothing after it.</summary>
    void Abort();

    /// <summary>Hands over what is to be sent by now; ends each entry from outside.</summary>
    void Flush();
}

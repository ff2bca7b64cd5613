namespace MsgNet.Core;

/// <summary>A message as the frame that it leaves in: with the name, or with its number only; as a request, if it has an id.</summary>
internal readonly ref struct MessageImage(OutgoingName name, ulong requestId, ReadOnlySpan<byte> data, bool asInit)
{
    private readonly OutgoingName name = name;
    private readonly ulong requestId = requestId;
    private readonly ReadOnlySpan<byte> data = data;
    private readonly bool asInit = asInit;

    /// <summary>Bytes of the frame, without the length before it.</summary>
    public int Size
    {
        get
        {
            var size = asInit ? FrameSize.Init(name.AsciiName.Length, data.Length) : FrameSize.Continuation(data.Length);
            return requestId == 0 ? size : FrameSize.Tagged(requestId, size);
        }
    }

    /// <summary>Writes the frame without the length before it; there is room.</summary>
    public void Write(ref WireWriter writer)
    {
        switch (requestId, asInit)
        {
            case (0, true):
                BareFrameWriter.TryWriteInit(ref writer, name.TransportId, name.AsciiName, name.ProtocolInt, data);
                break;
            case (0, false):
                BareFrameWriter.TryWriteContinuation(ref writer, name.ProtocolInt, data);
                break;
            case (_, true):
                BareFrameWriter.TryWriteTaggedInit(
                    ref writer, TaggedKind.Request, requestId, name.TransportId, name.AsciiName, name.ProtocolInt, data);
                break;
            default:
                BareFrameWriter.TryWriteTaggedContinuation(ref writer, TaggedKind.Request, requestId, name.ProtocolInt, data);
                break;
        }
    }
}

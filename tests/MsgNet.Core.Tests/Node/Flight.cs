namespace MsgNet.Core.Tests.Node;

/// <summary>A datagram on its way: what a test sees, and how it meddles.</summary>
internal sealed class Flight
{
    public required int Number { get; init; }

    public required Instant SentAt { get; init; }

    public required NetAddress From { get; set; }

    public required NetAddress To { get; set; }

    public required byte[] Datagram { get; set; }

    /// <summary>The frame list inside, as its sender sealed it.</summary>
    public required byte[] Frames { get; init; }

    public ChannelMessageType Type => (ChannelMessageType)Datagram[0];

    public bool IsLost { get; set; }

    /// <summary>How often it arrives.</summary>
    public int Copies { get; set; } = 1;

    public TimeSpan ExtraDelay { get; set; }

    public List<(FrameType Type, byte[] Body)> FrameList() => Read(Frames);

    public bool Has(FrameType type) => FrameList().Exists(frame => frame.Type == type);

    public static List<(FrameType Type, byte[] Body)> Read(ReadOnlySpan<byte> frames)
    {
        var all = new List<(FrameType, byte[])>();
        var reader = new FrameListReader(frames);
        while (reader.TryNext(out var frame) == FrameReadStatus.Frame)
            all.Add((frame.Type, frame.Body.ToArray()));
        return all;
    }
}

using MsgNet.Core;

namespace MsgNet.Core.Tests.Frames;

/// <summary>Frames as byte arrays, for tests.</summary>
internal static class FrameBytes
{
    public delegate bool Writing(ref WireWriter writer);

    public const int RoomMax = 70_000;

    /// <summary>What one call writes.</summary>
    public static byte[] Of(Writing writing)
    {
        var writer = new WireWriter(new byte[RoomMax]);
        Assert.True(writing(ref writer));
        Assert.False(writer.Overflowed);
        return writer.Written.ToArray();
    }

    /// <summary>The only frame of a list, type first.</summary>
    public static byte[] Single(byte[] list)
    {
        var reader = new FrameListReader(list);
        Assert.Equal(FrameReadStatus.Frame, reader.TryNext(out var frame));
        Assert.Equal(FrameReadStatus.End, reader.TryNext(out _));
        return [(byte)frame.Type, .. frame.Body];
    }

    public static FrameType TypeOf(string name) => name switch
    {
        "INIT" => FrameType.Init,
        "ACK" => FrameType.Ack,
        "CONTINUATION" => FrameType.Continuation,
        "RESET" => FrameType.Reset,
        "TAGGED" => FrameType.Tagged,
        "REPLY" => FrameType.Reply,
        "FRAGMENT" => FrameType.Fragment,
        "MSP" => FrameType.Msp,
        "LANE_WINDOW" => FrameType.LaneWindow,
        "PATH_CHALLENGE" => FrameType.PathChallenge,
        "PATH_RESPONSE" => FrameType.PathResponse,
        "CLOSE" => FrameType.Close,
        "OBSERVED" => FrameType.Observed,
        "ASSOCIATION" => FrameType.Association,
        _ => throw new ArgumentException($"No frame is called {name}.", nameof(name)),
    };

    /// <summary>Whether a body parses as a frame of <paramref name="type"/>, through the parser of that type.</summary>
    public static bool Parses(FrameType type, ReadOnlySpan<byte> body) => type switch
    {
        FrameType.Init => InitFrame.TryParse(body, out _),
        FrameType.Ack => AckFrame.TryParse(body, out _),
        FrameType.Continuation => ContinuationFrame.TryParse(body, out _),
        FrameType.Reset => ResetFrame.TryParse(body, out _),
        FrameType.Tagged => TaggedFrame.TryParse(body, out _),
        FrameType.Reply => ReplyFrame.TryParse(body, out _),
        FrameType.Fragment => FragmentFrame.TryParse(body, out _),
        FrameType.Msp => MspFrame.TryParse(body, out _),
        FrameType.LaneWindow => LaneWindowFrame.TryParse(body, out _),
        FrameType.PathChallenge or FrameType.PathResponse => PathFrame.TryParse(body, out _),
        FrameType.Close => CloseFrame.TryParse(body, out _),
        FrameType.Observed => ObservedFrame.TryParse(body, out _),
        FrameType.Association => AssociationFrame.TryParse(body, out _),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };
}

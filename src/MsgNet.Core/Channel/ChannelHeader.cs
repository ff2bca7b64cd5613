namespace MsgNet.Core;

/// <summary>The first four bytes of every channel datagram: type, version, and two zeros.</summary>
internal static class ChannelHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Length = 4;

    /// <summary>The version this release speaks.</summary>
    public const byte Version = 1;

    /// <summary>
    /// The type of <paramref name="datagram"/>; <see cref="ChannelMessageType.None"/> unless type, version and zeros are right (SEC-004).
    /// </summary>
    public static ChannelMessageType Read(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < Length || datagram[1] != Version || datagram[2] != 0 || datagram[3] != 0)
            return ChannelMessageType.None;

        return datagram[0] is >= (byte)ChannelMessageType.Hello and <= (byte)ChannelMessageType.Iam
            ? (ChannelMessageType)datagram[0]
            : ChannelMessageType.None;
    }

    /// <summary>Writes the header.</summary>
    public static void Write(Span<byte> datagram, ChannelMessageType type)
    {
        datagram[0] = (byte)type;
        datagram[1] = Version;
        datagram[2] = 0;
        datagram[3] = 0;
    }
}

namespace MsgNet.Core;

/// <summary>How Messi protocols are called among MsgNet's protocols.</summary>
public static class MessiProtocolName
{
    /// <summary>The protocol of the streams that carry the messages of a proto package: <c>/messi/&lt;package&gt;/1.0.0</c>.</summary>
    /// <param name="protoPackage">The <c>package</c> of the .proto file, such as <c>chat</c>.</param>
    /// <exception cref="ArgumentException">The file has no package, or the name is too long for a protocol.</exception>
    public static ProtocolId Of(string protoPackage)
    {
        ArgumentNullException.ThrowIfNull(protoPackage);
        if (protoPackage.Length == 0)
        {
            throw new ArgumentException(
                "The .proto file has no package, which names the protocol of its streams: add a line such as \"package chat;\".",
                nameof(protoPackage));
        }

        // MESSI-061
        return new ProtocolId($"/messi/{protoPackage}/1.0.0");
    }
}

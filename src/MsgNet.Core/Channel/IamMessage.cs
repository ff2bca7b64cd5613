namespace MsgNet.Core;

/// <summary>An IAM: the public key of whoever received a WHO, or of whoever claims to be it.</summary>
internal static class IamMessage
{
    /// <summary>Bytes of every IAM.</summary>
    public const int Length = KeyOffset + 32;

    private const int KeyOffset = ChannelHeader.Length + WhoMessage.NonceLength;

    /// <summary>Finds the nonce and the Ed25519 key; false when type, version or length are wrong. The key is not checked.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out ReadOnlySpan<byte> nonce, out ReadOnlySpan<byte> publicKey)
    {
        var isIam = datagram.Length == Length && ChannelHeader.Read(datagram) == ChannelMessageType.Iam; // SEC-015
        nonce = isIam ? datagram[ChannelHeader.Length..KeyOffset] : default;
        publicKey = isIam ? datagram[KeyOffset..] : default;
        return isIam;
    }

    /// <summary>Writes an IAM.</summary>
    /// <param name="datagram"><see cref="Length"/> bytes.</param>
    /// <param name="nonce">The nonce of the WHO.</param>
    /// <param name="publicKey">The node's own Ed25519 key.</param>
    public static void Write(Span<byte> datagram, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> publicKey)
    {
        ChannelHeader.Write(datagram, ChannelMessageType.Iam);
        nonce.CopyTo(datagram[ChannelHeader.Length..KeyOffset]);
        publicKey.CopyTo(datagram[KeyOffset..Length]);
    }
}

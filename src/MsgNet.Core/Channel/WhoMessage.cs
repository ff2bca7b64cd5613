namespace MsgNet.Core;

/// <summary>A WHO: asks whoever receives at an address for its public key. Nothing of question and answer is authenticated.</summary>
internal static class WhoMessage
{
    /// <summary>Bytes of every WHO; more than its answer has, so that nothing is amplified.</summary>
    public const int Length = 64;

    /// <summary>Bytes of the nonce that an IAM has to repeat.</summary>
    public const int NonceLength = 16;

    private const int PaddingOffset = ChannelHeader.Length + NonceLength;

    /// <summary>Finds the nonce; false when type, version, length or padding are wrong.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out ReadOnlySpan<byte> nonce)
    {
        var isWho = datagram.Length == Length
            && ChannelHeader.Read(datagram) == ChannelMessageType.Who
            && !datagram[PaddingOffset..].ContainsAnyExcept((byte)0); // SEC-015
        nonce = isWho ? datagram[ChannelHeader.Length..PaddingOffset] : default;
        return isWho;
    }

    /// <summary>Writes a WHO.</summary>
    /// <param name="datagram"><see cref="Length"/> bytes.</param>
    /// <param name="nonce">16 fresh random bytes.</param>
    public static void Write(Span<byte> datagram, ReadOnlySpan<byte> nonce)
    {
        ChannelHeader.Write(datagram, ChannelMessageType.Who);
        nonce.CopyTo(datagram[ChannelHeader.Length..PaddingOffset]);
        datagram[PaddingOffset..Length].Clear();
    }
}

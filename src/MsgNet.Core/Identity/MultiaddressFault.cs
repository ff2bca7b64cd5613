namespace MsgNet.Core;

/// <summary>
/// What is wrong, where in the text, and with which protocol; a value, so that refusing untrusted text allocates nothing.
/// </summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Start">Index of the wrong component or value in the text.</param>
/// <param name="Length">Its length.</param>
/// <param name="Protocol">The protocol of the wrong value, when there is one.</param>
internal readonly record struct MultiaddressFault(
    MultiaddressFaultKind Kind, int Start = 0, int Length = 0, MultiaddressProtocol? Protocol = null)
{
    private const int ShownMax = 256;

    /// <summary>
    /// A sentence for the developer who wrote <paramref name="text"/>: which component is wrong and what a right one looks like.
    /// </summary>
    public string Describe(ReadOnlySpan<char> text)
    {
        var part = Clip(text.Slice(Start, Length));
        var reason = Kind switch
        {
            MultiaddressFaultKind.NoLeadingSlash => "it does not start with '/'; write it like \"/ip4/192.0.2.1/udp/4001\"",
            MultiaddressFaultKind.Empty => "it names no protocol; write it like \"/ip4/192.0.2.1/udp/4001\"",
            MultiaddressFaultKind.TooLong => $"it takes more than {Limits.MultiaddressBytesMax} bytes; leave components out",
            MultiaddressFaultKind.TooManyComponents => $"it has more than {MultiaddressBinary.ComponentsMax} components; leave some out",
            MultiaddressFaultKind.UnknownProtocol => $"'{part}' is no known protocol; names are lower-case, such as ip4, udp or p2p",
            MultiaddressFaultKind.ValueMissing => $"{Protocol} needs a value, as in \"{Protocol?.Example}\"",
            MultiaddressFaultKind.ValueInvalid => $"'{part}' is no value for {Protocol}; a right one is \"{Protocol?.Example}\"",
            MultiaddressFaultKind.ZoneWithoutIp6 => "/ip6zone stands before the /ip6 it belongs to, as in \"/ip6zone/eth0/ip6/fe80::1\"",
            MultiaddressFaultKind.PathNotLast => "/unix takes the rest of the address as its path; nothing can follow it",
            _ => "it is right",
        };
        return $"\"{Clip(text)}\" is no multiaddress: {reason}.";
    }

    private static string Clip(ReadOnlySpan<char> text) => text.Length <= ShownMax ? text.ToString() : $"{text[..ShownMax]}…";
}

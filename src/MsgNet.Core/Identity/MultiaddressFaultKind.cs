namespace MsgNet.Core;

/// <summary>Why a text or a list of components is no multiaddress.</summary>
internal enum MultiaddressFaultKind
{
    None,
    NoLeadingSlash,
    Empty,
    TooLong,
    TooManyComponents,
    UnknownProtocol,
    ValueMissing,
    ValueInvalid,
    ZoneWithoutIp6,
    PathNotLast,
}

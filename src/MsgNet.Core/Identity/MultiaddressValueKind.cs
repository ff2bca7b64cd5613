namespace MsgNet.Core;

/// <summary>How the value after a multiaddress protocol is written, in binary and in text.</summary>
internal enum MultiaddressValueKind
{
    /// <summary>No value.</summary>
    None,

    /// <summary>4 bytes; dotted decimal.</summary>
    Ip4,

    /// <summary>16 bytes; RFC 5952.</summary>
    Ip6,

    /// <summary>u16 big-endian; decimal.</summary>
    Port,

    /// <summary>One byte; decimal.</summary>
    Byte,

    /// <summary>u32 big-endian; decimal.</summary>
    UInt32,

    /// <summary>u64 big-endian; decimal.</summary>
    UInt64,

    /// <summary>UTF-8 without slash or control characters; the same.</summary>
    Name,

    /// <summary>A file path from the root; ends the address.</summary>
    UnixPath,

    /// <summary>A relative URL path; percent-encoded.</summary>
    HttpPath,

    /// <summary>A peer id's multihash; base58 or CID.</summary>
    PeerId,

    /// <summary>10 bytes and a port; base32:decimal.</summary>
    Onion,

    /// <summary>35 bytes and a port; base32:decimal.</summary>
    Onion3,

    /// <summary>At least 386 bytes; I2P base64.</summary>
    Garlic64,

    /// <summary>32 or at least 35 bytes; base32.</summary>
    Garlic32,

    /// <summary>A multihash; multibase.</summary>
    CertHash,

    /// <summary>32 bytes; hexadecimal.</summary>
    Sid,
}

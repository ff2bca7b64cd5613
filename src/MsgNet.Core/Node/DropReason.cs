namespace MsgNet.Core;

/// <summary>Why something was dropped; every drop is counted under one of these.</summary>
public enum DropReason
{
    /// <summary>Shorter than its type's least length, or with a wrong type, version or reserved byte.</summary>
    Malformed,

    /// <summary>mac1 of a HELLO does not fit.</summary>
    BadMac,

    /// <summary>A HELLO, ACK, DATA or EARLY did not open.</summary>
    NotAuthentic,

    /// <summary>A HELLO that was answered before, from elsewhere or too late for its stored ACK.</summary>
    RepeatedHello,

    /// <summary>A HELLO of this node's own key.</summary>
    OwnKey,

    /// <summary>
    /// DATA, ACK or RETRY for an index that is not in use, EARLY that follows no HELLO that may deliver, or IAM
    /// that answers no question.
    /// </summary>
    UnknownIndex,

    /// <summary>A HINT about no packet of ours: wrong index, address or counter.</summary>
    UnknownHint,

    /// <summary>A packet counter that was seen before, or is too old.</summary>
    Replayed,

    /// <summary>A table is full.</summary>
    TableFull,

    /// <summary>A frame that does not parse or stands where it may not.</summary>
    BadFrame,

    /// <summary>A frame of a type this release does not handle.</summary>
    UnknownFrame,

    /// <summary>A message on a protocol without handler here.</summary>
    NoHandler,

    /// <summary>A tagged message whose id was seen before, or is too old.</summary>
    Duplicate,

    /// <summary>A reply nobody waits for.</summary>
    UnknownReply,

    /// <summary>A Multipacket ACK or RESET that names no live number.</summary>
    UnknownName,

    /// <summary>A message that waited longer than 500 ms for the path.</summary>
    Stale,

    /// <summary>A message that was queued, or half sent in fragments, when its peer was lost or could not be reached.</summary>
    PeerLost,

    /// <summary>A message queued for a protocol that the peer refused.</summary>
    ProtocolRefused,

    /// <summary>A frame that needs more than 64 fragments, or a message of a lane that is above the limit.</summary>
    TooLarge,

    /// <summary>A reply that found the reply queue full, or a RETRY, HINT, WHO or IAM that found 128 of them waiting to leave.</summary>
    ReplyQueueFull,

    /// <summary>A HELLO whose mac2 fits no cookie made for that address lately; answered by a RETRY, as far as the rate allows.</summary>
    BadCookie,

    /// <summary>A HELLO without cookie at a node that wants one always; answered by a RETRY, as far as the rate allows.</summary>
    NoCookie,

    /// <summary>A HELLO without cookie while the node is under load; answered by a RETRY, as far as the rate allows.</summary>
    UnderLoad,

    /// <summary>A HELLO for which the handshake budget held no token; answered by a RETRY, as far as the rate allows.</summary>
    NoBudget,

    /// <summary>A HELLO with cookie from an address that sends more than 20 a second.</summary>
    AddressRate,

    /// <summary>
    /// A HELLO without cookie whose timestamp is not within 30 s of the clock, or not 30 s after the node's start; answered by a RETRY, as
    /// far as the rate allows.
    /// </summary>
    OutsideWindow,

    /// <summary>A new peer from an address that 64 confirmed peers share already.</summary>
    TooManyAtAddress,

    /// <summary>A RETRY to an image that had one, or one more than an attempt follows.</summary>
    SurplusRetry,

    /// <summary>A WHO to a node that answers none.</summary>
    WhoNotAnswered,

    /// <summary>A WHO above the rate of answers, of its address or of all.</summary>
    SurplusWho,

    /// <summary>A frame in fragments of which not all came within 2 s, that contradict each other, or that found no room.</summary>
    Incomplete,
}

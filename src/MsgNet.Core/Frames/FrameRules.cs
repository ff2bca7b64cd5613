namespace MsgNet.Core;

/// <summary>Where each frame may stand, and what it obliges its receiver to: the table of the frame registry.</summary>
internal static class FrameRules
{
    /// <summary>True when <paramref name="type"/> is in the registry.</summary>
    public static bool IsKnown(FrameType type) => AllowedOn(type) != CarrierKinds.None;

    /// <summary>
    /// True when a frame of <paramref name="type"/> may stand on <paramref name="carrier"/> (on all, if several are named).
    /// </summary>
    public static bool IsAllowed(FrameType type, CarrierKinds carrier) =>
        carrier != CarrierKinds.None && (AllowedOn(type) & carrier) == carrier;

    /// <summary>The carriers a frame of <paramref name="type"/> may stand on; none for an unknown type.</summary>
    public static CarrierKinds AllowedOn(FrameType type) => type switch // MP-025
    {
        FrameType.Init or FrameType.Continuation or FrameType.Tagged or FrameType.Reply =>
            CarrierKinds.Datagram | CarrierKinds.Lane | CarrierKinds.Stream | CarrierKinds.Mdp,
        FrameType.Ack or FrameType.Reset => CarrierKinds.Datagram | CarrierKinds.Stream | CarrierKinds.Mdp,
        FrameType.Fragment => CarrierKinds.Datagram | CarrierKinds.Mdp,
        FrameType.Report or FrameType.Msp or FrameType.LaneWindow => CarrierKinds.Datagram,
        FrameType.PathChallenge or FrameType.PathResponse or FrameType.Observed => CarrierKinds.Datagram,
        FrameType.Close => CarrierKinds.Datagram | CarrierKinds.Stream,
        FrameType.Association => CarrierKinds.Stream,
        _ => CarrierKinds.None,
    };

    /// <summary>
    /// True when a packet with a frame of <paramref name="type"/> must be REPORTed. False for REPORT, CLOSE, ASSOCIATION (never in a
    /// packet) and for unknown types, of which the receiver knows nothing.
    /// </summary>
    public static bool IsEliciting(FrameType type) => // MP-028
        IsKnown(type) && type is not (FrameType.Report or FrameType.Close or FrameType.Association);

    /// <summary>True when a TAGGED may hold a frame of <paramref name="type"/>.</summary>
    public static bool IsTaggable(FrameType type) => type is FrameType.Init or FrameType.Continuation;

    /// <summary>True when the pieces of a FRAGMENT may make up a frame of <paramref name="type"/>.</summary>
    public static bool IsFragmentable(FrameType type) => // MP-023
        type is FrameType.Init or FrameType.Continuation or FrameType.Tagged or FrameType.Reply or FrameType.Msp;
}

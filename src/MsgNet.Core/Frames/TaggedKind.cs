namespace MsgNet.Core;

/// <summary>What a TAGGED frame's id is for.</summary>
internal enum TaggedKind : byte
{
    /// <summary>Deliver at most once, whichever carriers bring it.</summary>
    Once = 1,

    /// <summary>Deliver at most once, and answer with a REPLY of the same id.</summary>
    Request = 2,
}

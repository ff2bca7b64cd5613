namespace MsgNet.Messi.Emitter;

/// <summary>The faults; each value is the number in its id, and never gets another meaning.</summary>
internal enum MessiFaultKind
{
    /// <summary>The class is not partial.</summary>
    NotPartial = 1,

    /// <summary>The class is nested, generic, static or local to its file.</summary>
    NotPlain = 2,

    /// <summary>A type of the attribute is no message.</summary>
    NotAMessage = 3,

    /// <summary>A side's message has fields but no oneof.</summary>
    NoOneof = 4,

    /// <summary>A side's message has several oneofs.</summary>
    SeveralOneofs = 5,

    /// <summary>The oneof is not called messages.</summary>
    WrongOneofName = 6,

    /// <summary>A member of the oneof is no message.</summary>
    ScalarMember = 7,

    /// <summary>Two members of a generated class would have one name.</summary>
    NameClash = 8,

    /// <summary>A side has nothing to send: nothing is generated.</summary>
    NothingToSend = 9,

    /// <summary>The class can be seen where its messages cannot.</summary>
    HiddenMessage = 10,
}

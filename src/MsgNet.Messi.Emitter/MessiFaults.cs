using System.Globalization;

namespace MsgNet.Messi.Emitter;

/// <summary>Ids, titles and messages of the faults, the same for every front end.</summary>
internal static class MessiFaults
{
    /// <summary>The id of a fault, as compilers and <c>.editorconfig</c> know it.</summary>
    public static string Id(MessiFaultKind kind) => "MSGNETMESSI" + ((int)kind).ToString("000", CultureInfo.InvariantCulture);

    /// <summary>What stands for the fault in lists of rules.</summary>
    public static string Title(MessiFaultKind kind) => kind switch
    {
        MessiFaultKind.NotPartial => "The class of a Messi protocol must be partial",
        MessiFaultKind.NotPlain => "The class of a Messi protocol must be a plain class of its own",
        MessiFaultKind.NotAMessage => "A Messi protocol is made of two protobuf messages",
        MessiFaultKind.NoOneof => "The message of a side needs a oneof",
        MessiFaultKind.SeveralOneofs => "The message of a side has one oneof only",
        MessiFaultKind.WrongOneofName =>
            "The oneof of a side must be called messages",
        MessiFaultKind.ScalarMember => "The members of the oneof must be messages",
        MessiFaultKind.NameClash => "Two generated members would have the same name",
        MessiFaultKind.NothingToSend =>
            "A side without messages: nothing is generated",
        MessiFaultKind.HiddenMessage =>
            "The class of a Messi protocol must not be more visible than its messages",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>The message, with places for the arguments: what is wrong, and how to mend it.</summary>
    public static string Format(MessiFaultKind kind) => kind switch
    {
        MessiFaultKind.NotPartial => "{0} must be partial, as the rest of it is generated: write 'partial class {0}'.",
        MessiFaultKind.NotPlain => "{0} is {1}: declare it as 'partial class {0}' directly in a namespace.",
        MessiFaultKind.NotAMessage =>
            "{0} is no class that protoc made: give [MessiProtocol] two messages of a .proto file, those of clients and those of servers.",
        MessiFaultKind.NoOneof => "{0} has no oneof: put the messages into 'oneof messages {{ … }}'.",
        MessiFaultKind.SeveralOneofs =>
            "{0} has {1} oneofs ({2}): keep one, called messages, and move the others into messages of their own.",
        MessiFaultKind.WrongOneofName =>
            "The oneof in {0} must be called messages, not {1}: rename it, which changes nothing on the wire.",
        MessiFaultKind.ScalarMember =>
            "The member {1} of {0} is no message but {2}: make a message with this field, and let the member have its type.",
        MessiFaultKind.NameClash =>
            "{0} would have two members called {1}, {2} and {3}: rename one in the .proto file, which changes nothing on the wire.",
        MessiFaultKind.NothingToSend =>
            "{0} has no messages, so no code is generated for {1}: add 'oneof messages {{ … }}' with one at least.",
        MessiFaultKind.HiddenMessage =>
            "{0} is public but {1} is not: write 'internal partial class {0}', or let protoc make public classes.",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>Whether the fault is told only, and nothing is wrong with the code as it stands.</summary>
    public static bool IsNote(MessiFaultKind kind) => kind == MessiFaultKind.NothingToSend;
}

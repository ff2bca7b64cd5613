using System.Globalization;

namespace MsgNet.Messi.Emitter;

/// <summary>Why no code can be generated, or what may not be meant.</summary>
/// <param name="Kind">The kind, whose message has places for the arguments.</param>
/// <param name="Arguments">What the message names.</param>
internal sealed record MessiFault(MessiFaultKind Kind, EquatableArray<string> Arguments)
{
    public MessiFault(MessiFaultKind kind, params string[] arguments)
        : this(kind, new EquatableArray<string>(arguments))
    {
    }

    /// <summary>The sentence, which says how to mend it.</summary>
    public string Message => string.Format(CultureInfo.InvariantCulture, MessiFaults.Format(Kind), [.. Arguments]);

    /// <summary>Id and sentence.</summary>
    public override string ToString() => $"{MessiFaults.Id(Kind)}: {Message}";
}

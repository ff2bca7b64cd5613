using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace MsgNet.Core;

/// <summary>Checks of our own reasoning, kept on in Release. Bytes from the network are never an invariant.</summary>
public static class Invariant
{
    /// <summary>Throws <see cref="InvalidOperationException"/> when <paramref name="condition"/> is false: a bug in MsgNet.</summary>
    public static void Check([DoesNotReturnIf(false)] bool condition, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        if (!condition)
            Fail(text);
    }

    [DoesNotReturn]
    private static void Fail(string text) => throw new InvalidOperationException($"Invariant broken: {text}. This is a bug in MsgNet.");
}

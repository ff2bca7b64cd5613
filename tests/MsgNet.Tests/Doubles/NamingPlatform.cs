using System.Net;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Tests;

/// <summary>The operating system, but a name is looked up when the test says what it stands for.</summary>
internal sealed class NamingPlatform : WrappedPlatform
{
    /// <summary>The look-ups so far, in order.</summary>
    public List<TaskCompletionSource<IReadOnlyList<IPAddress>>> Lookups { get; } = [];

    /// <summary>How each of them is told that nobody waits for it any more.</summary>
    public List<CancellationToken> Cancellations { get; } = [];

    /// <summary>All look-ups fail, and nothing holds them any more.</summary>
    public void FailAll(Exception error)
    {
        Lookups.ForEach(lookup => lookup.SetException(error));
        Lookups.Clear();
    }

    public override ValueTask<IReadOnlyList<IPAddress>> ResolveName(string name, CancellationToken cancellationToken)
    {
        Cancellations.Add(cancellationToken);
        var lookup = new TaskCompletionSource<IReadOnlyList<IPAddress>>();
        Lookups.Add(lookup);
        return new ValueTask<IReadOnlyList<IPAddress>>(lookup.Task);
    }
}

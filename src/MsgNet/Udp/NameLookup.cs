using System.Net;
using System.Runtime.CompilerServices;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>A name that is being looked up. It goes on in no synchronization context, whoever began it.</summary>
internal readonly struct NameLookup
{
    private readonly ConfiguredValueTaskAwaitable<IReadOnlyList<IPAddress>>.ConfiguredValueTaskAwaiter lookup;

    public NameLookup(IHostPlatform platform, string name, CancellationToken cancellationToken) =>
        lookup = platform.ResolveName(name, cancellationToken).ConfigureAwait(false).GetAwaiter();

    /// <summary><see cref="Take"/>, or <see cref="Forget"/>, will not wait.</summary>
    public bool IsCompleted => lookup.IsCompleted;

    /// <summary>What is to be done when it has completed.</summary>
    public void OnCompleted(Action next) => lookup.UnsafeOnCompleted(next);

    /// <summary>What was found, or the failure. One of this and <see cref="Forget"/>, once.</summary>
    public IReadOnlyList<IPAddress> Take() => lookup.GetResult();

    /// <summary>Takes what came too late for anybody: a failure that nobody looked at would be told to the whole process.</summary>
    public void Forget() // API-089
    {
        try
        {
            Take();
        }
        catch (Exception)
        {
            // Who waited has been told that it took too long.
        }
    }
}

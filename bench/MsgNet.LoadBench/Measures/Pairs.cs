using MsgNet.LoadBench.Contestants;

namespace MsgNet.LoadBench.Measures;

/// <summary>The pairs that run.</summary>
internal sealed class Pairs : IAsyncDisposable
{
    private readonly Dictionary<string, Pair> pairs = [];

    /// <summary>The contestant's pair; a new one when there is none, or it is lost.</summary>
    public async Task<Pair> Of(IContestant contestant)
    {
        if (pairs.TryGetValue(contestant.Name, out var pair))
        {
            if (!pair.IsLost)
                return pair;

            await pair.DisposeAsync();
        }

        return pairs[contestant.Name] = new Pair();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pair in pairs.Values)
            await pair.DisposeAsync();
    }
}

using System.Threading.Channels;

namespace MsgNet.Messi.Tests;

/// <summary>What happened, in order, for a test to wait for.</summary>
internal sealed class Log<T>
{
    private readonly Channel<T> entries = Channel.CreateUnbounded<T>();

    public void Add(T entry) => entries.Writer.TryWrite(entry);

    public ValueTask AddNow(T entry)
    {
        Add(entry);
        return default;
    }

    public async Task<T> Next() => await entries.Reader.ReadAsync().AsTask().WaitAsync(RawPeer.Patience);

    /// <summary>Nothing more has happened by now.</summary>
    public void AssertEmpty() => Assert.False(entries.Reader.TryRead(out var entry), $"{entry}");
}

internal static class Waits
{
    /// <summary>The connection has dealt with all that came and waits for more.</summary>
    public static async Task Idle(this MessiLink? link)
    {
        Assert.NotNull(link);
        while (!link.IsWaitingForBytes)
            await Task.Yield();
    }

    public static Task Soon(this Task task) => task.WaitAsync(RawPeer.Patience);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(RawPeer.Patience);

    public static Task Soon(this ValueTask task) => task.AsTask().WaitAsync(RawPeer.Patience);

    public static Task<T> Soon<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(RawPeer.Patience);
}

using Microsoft.Extensions.Logging;

namespace MsgNet.Tests;

/// <summary>Keeps what was logged, on any thread.</summary>
internal sealed class RecordingLogger : ILogger
{
    public List<(LogLevel Level, EventId Id, string Text, Exception? Exception)> Entries { get; } = [];

    public int CountOf(int id) => Entries.Count(entry => entry.Id.Id == id);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (Entries)
            Entries.Add((logLevel, eventId, formatter(state, exception), exception));
    }
}

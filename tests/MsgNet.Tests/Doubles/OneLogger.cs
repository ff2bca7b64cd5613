using Microsoft.Extensions.Logging;

namespace MsgNet.Tests;

/// <summary>Hands out one logger for every category.</summary>
internal sealed class OneLogger(ILogger logger) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => logger;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}

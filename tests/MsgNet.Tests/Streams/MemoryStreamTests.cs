namespace MsgNet.Tests.Streams;

/// <summary>Streams within the process.</summary>
public sealed class MemoryStreamTests : StreamContract
{
    private readonly MemoryHosts hosts = new();

    private protected override ValueTask<MessageHost> Listening() => ValueTask.FromResult(hosts.Listening());
}

namespace MsgNet.Cli.Workloads;

/// <summary>The other end in this process, for the memory transport.</summary>
internal sealed class MemoryReceiver : IBenchReceiver
{
    private readonly IMessageHost host;
    private readonly MessageCounter counter;

    private MemoryReceiver(IMessageHost host)
    {
        this.host = host;
        counter = new MessageCounter(host);
    }

    public IReadOnlyList<Multiaddress> Addresses => host.Addresses;

    public bool IsHere => true;

    public static async Task<MemoryReceiver> Open() => new(await MessageHost.Start("/memory/0"));

    public Task Start(CancellationToken cancellationToken)
    {
        counter.Start();
        return Task.CompletedTask;
    }

    public Task<ReceiverLine> Stop(CancellationToken cancellationToken) => Task.FromResult(counter.Stop());

    public ValueTask DisposeAsync() => host.Close(TimeSpan.Zero);
}

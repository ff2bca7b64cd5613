namespace MsgNet.LoadBench.Contestants;

/// <summary>How MsgNet is sent with at full speed: the one place that changes when there is a faster way.</summary>
internal sealed class MsgNetSendLoop
{
    private const int BatchMessagesMax = 256;
    private const int BatchBytesMax = 64 * 1024;

    private readonly ISocketSession session;
    private readonly ReadOnlyMemory<byte> message;
    private readonly ReadOnlyMemory<byte>[] batch;
    private Count sent;

    /// <param name="session">Where to.</param>
    /// <param name="message">What, over and over.</param>
    /// <param name="isBatched">Many messages a call, or one.</param>
    public MsgNetSendLoop(ISocketSession session, byte[] message, bool isBatched)
    {
        this.session = session;
        this.message = message;
        batch = new ReadOnlyMemory<byte>[isBatched ? Math.Clamp(BatchBytesMax / message.Length, 1, BatchMessagesMax) : 1];
        batch.AsSpan().Fill(message);
    }

    public long Sent => sent.Value;

    public Task Run(CancellationToken stop) => batch.Length > 1 ? RunBatches(stop) : RunSingles(stop);

    private async Task RunBatches(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await session.SendMessages(batch, CancellationToken.None);
            sent.Add(batch.Length);
        }
    }

    private async Task RunSingles(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (!session.TrySend(message.Span))
                await session.SendMessage(message, CancellationToken.None);
            sent.Add(1);
        }
    }
}

namespace MsgNet.LoadBench.Contestants;

/// <summary>How MsgNet is sent with at full speed: the one place that changes when there is a faster way.</summary>
internal sealed class MsgNetSendLoop
{
    private const int BatchMessagesMax = 256;
    private const int BatchBytesMax = 64 * 1024;

    private readonly ISocketSession session;
    private readonly ReadOnlyMemory<byte>[] batch;
    private Count sent;

    /// <param name="session">Where to.</param>
    /// <param name="message">What, over and over.</param>
    public MsgNetSendLoop(ISocketSession session, byte[] message)
    {
        this.session = session;
        batch = new ReadOnlyMemory<byte>[Math.Clamp(BatchBytesMax / message.Length, 1, BatchMessagesMax)];
        batch.AsSpan().Fill(message);
    }

    public long Sent => sent.Value;

    public async Task Run(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await session.SendMessages(batch, CancellationToken.None);
            sent.Add(batch.Length);
        }
    }
}

namespace MsgNet.LoadBench.Contestants;

/// <summary>How MsgNet is sent to at full speed: the one place that changes when there is a faster way.</summary>
internal sealed class MsgNetSendLoop(ISocketSession session, byte[] message)
{
    private Count sent;

    public long Sent => sent.Value;

    public async Task Run(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (!session.TrySend(message))
                await session.SendMessage(message, CancellationToken.None);
            sent.Add(1);
        }
    }
}

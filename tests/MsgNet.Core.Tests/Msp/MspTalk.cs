namespace MsgNet.Core.Tests.Msp;

/// <summary>What an application does with one connection.</summary>
internal sealed class MspTalk(MspConnection connection)
{
    private readonly List<byte> begun = [];
    private int sent;

    public MspConnection Connection { get; } = connection;

    public List<byte[]> ToSend { get; } = [];

    public List<byte[]> Received { get; } = [];

    public bool ShutsDown { get; set; }

    public bool ReadsAll { get; set; } = true;

    public bool IsClosed { get; set; }

    /// <summary>Sends what there is room for.</summary>
    public void Write(Instant now)
    {
        while (sent < ToSend.Count && Connection.TrySend(now, ToSend[sent]))
            sent++;
        if (ShutsDown && sent == ToSend.Count)
            Connection.Shutdown(now);
    }

    public void Read(Instant now, int bytes, MspEvents events)
    {
        while (bytes > 0 && Connection.TryPeek(out var message))
        {
            var count = Math.Min(bytes, message.Length);
            begun.AddRange(message[..count]);
            if (count == message.Length)
            {
                Received.Add([.. begun]);
                begun.Clear();
            }

            Connection.Consume(now, count, events);
            bytes -= count;
        }
    }
}

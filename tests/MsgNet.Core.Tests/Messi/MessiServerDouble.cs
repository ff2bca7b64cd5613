using MsgNet.Messi;

namespace MsgNet.Core.Tests.Messi;

/// <summary>A server's connection without a socket: what a driver does with the machine and the reader, in virtual time.</summary>
internal sealed class MessiServerDouble
{
    private readonly MessiServerMachine machine;
    private readonly int payloadMax;
    private readonly List<byte> sent = [];
    private MessiReading? reading;
    private Instant now = Instant.Zero;

    public MessiServerDouble(int payloadMax)
        : this(payloadMax, new MessiServerSettings())
    {
    }

    public MessiServerDouble(int payloadMax, MessiServerSettings settings)
    {
        this.payloadMax = payloadMax;
        machine = new MessiServerMachine(now, settings);
    }

    public MessiServerMachine Machine => machine;

    public MessiDisconnectReason? Reason => machine.Reason;

    public byte[] Sent => [.. sent];

    public List<(MessiFrameKind Kind, byte[] Payload)> Frames => reading?.Frames ?? [];

    /// <summary>Runs the timers up to a moment since accept.</summary>
    public void Advance(TimeSpan sinceAccept)
    {
        var end = Instant.Zero + sinceAccept;
        for (var turn = 0; machine.NextTimer <= end; turn++)
        {
            Assert.True(turn < 1000, "A timer is due for ever.");
            now = machine.NextTimer;
            machine.OnTimer(now);
        }

        now = end;
    }

    public void Receive(ReadOnlySpan<byte> bytes)
    {
        if (machine.Reason is not null || bytes.IsEmpty)
            return;

        machine.OnFirstByte(bytes[0]);
        reading ??= new MessiReading(machine.Format!.Value, MessiRole.Server, payloadMax);
        var before = reading.Frames.Count;
        var goesOn = reading.Receive(bytes);
        foreach (var frame in reading.Frames.Skip(before))
        {
            if (frame.Kind == MessiFrameKind.Ping && machine.OnPing(now) == MessiServerAction.SendPong)
                SendPong();
        }

        machine.OnOutputDrained();
        if (!goesOn)
            machine.OnDisconnected(ReasonOf(reading.Last));
    }

    private static MessiDisconnectReason ReasonOf(MessiReadStatus status) =>
        status == MessiReadStatus.TooBig ? MessiDisconnectReason.MessageTooBig : MessiDisconnectReason.UnexpectedMessage;

    private void SendPong()
    {
        var header = new byte[MessiFrame.HeaderLengthMax];
        var length = MessiFrame.WriteHeader(header, machine.Format!.Value, MessiRole.Server, MessiFrameKind.Pong, 0);
        sent.AddRange(header.AsSpan(0, length));
    }
}

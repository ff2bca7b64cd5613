using MsgNet.Messi;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Messi;

/// <summary>A client without a socket: what a driver does with the machine and readers, in virtual time. It writes a log.</summary>
internal sealed class MessiClientDouble
{
    private const int PayloadMax = 124;
    private readonly MessiWireFormat format;
    private MessiReading? reading;

    public MessiClientDouble(MessiWireFormat format, MessiClientSettings settings, IRandom random)
    {
        this.format = format;
        Machine = new MessiClientMachine(settings, random);
    }

    public MessiClientMachine Machine { get; }

    /// <summary>What stands for the network: is there a server now?</summary>
    public Func<Instant, bool> IsServerThere { get; init; } = _ => true;

    /// <summary>What stands for Protocol Buffers: is this a message?</summary>
    public Func<byte[], bool> IsMessage { get; init; } = _ => true;

    public Instant Now { get; private set; } = Instant.Zero;

    /// <summary>What the client did, with the time: accept, ping, close.</summary>
    public List<(double Seconds, string What)> Log { get; } = [];

    public List<string> Reasons { get; } = [];

    public List<string> Messages { get; } = [];

    public string LogText => string.Join(' ', Log.Select(entry => FormattableString.Invariant($"{entry.What}@{entry.Seconds:0.###}")));

    public void Start() => Do(Machine.Start(Now));

    public void Stop() => Do(Machine.Stop());

    /// <summary>Runs the timers up to a moment since the start.</summary>
    public void Advance(double seconds)
    {
        var end = Instant.Zero + TimeSpan.FromSeconds(seconds);
        for (var turn = 0; Machine.NextTimer <= end; turn++)
        {
            Assert.True(turn < 1000, "A timer is due for ever.");
            Now = Machine.NextTimer;
            MessiClientAction action;
            while ((action = Machine.OnTimer(Now)) != MessiClientAction.None)
                Do(action);
        }

        Now = Instant.Max(Now, end);
    }

    public void Receive(ReadOnlySpan<byte> bytes)
    {
        if (Machine.State != MessiClientState.Connected)
            return;

        Machine.OnReceived();
        var before = reading!.Frames.Count;
        var goesOn = reading.Receive(bytes);
        foreach (var (kind, payload) in reading.Frames.Skip(before))
        {
            if (kind == MessiFrameKind.Pong)
                Machine.OnPong(Now);
            else if (kind == MessiFrameKind.User && !IsMessage(payload))
                End(MessiDisconnectReason.MessageDecodeError, "close");
            else if (kind == MessiFrameKind.User)
                Messages.Add(Convert.ToHexStringLower(payload));
        }

        if (!goesOn)
        {
            Assert.Equal(MessiReadStatus.TooBig, reading.Last);
            End(MessiDisconnectReason.MessageTooBig, "close");
        }
    }

    public void OnServerClosed() => End(MessiDisconnectReason.ConnectionClosed, "closed");

    private void End(MessiDisconnectReason reason, string what)
    {
        if (!Machine.OnDisconnected(Now, reason))
            return;

        Note(what);
        Reasons.Add(Machine.LastReason!.Value.ToText());
    }

    private void Do(MessiClientAction action)
    {
        switch (action)
        {
            case MessiClientAction.Connect when IsServerThere(Now):
                Note("accept");
                reading = new MessiReading(format, MessiRole.Client, PayloadMax);
                Do(Machine.OnConnected(Now));
                break;
            case MessiClientAction.Connect:
                Note("refused");
                Machine.OnConnectFailed(Now);
                break;
            case MessiClientAction.SendPing:
                Note("ping");
                break;
            case MessiClientAction.Close:
                Note("close");
                Reasons.Add(Machine.LastReason!.Value.ToText());
                break;
        }
    }

    private void Note(string what) => Log.Add(((Now - Instant.Zero).TotalSeconds, what));

    /// <summary>Draws that are all 0: no delay is shortened.</summary>
    public sealed class NoJitter : IRandom
    {
        public void Fill(Span<byte> destination) => destination.Clear();
    }
}

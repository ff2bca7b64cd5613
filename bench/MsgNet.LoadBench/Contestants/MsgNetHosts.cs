namespace MsgNet.LoadBench.Contestants;

/// <summary>MsgNet by its public interface: sealed, both ends authenticated, handlers in place.</summary>
internal sealed class MsgNetHosts(MsgNetForm form) : IContestant
{
    private static readonly ProtocolId Protocol = new("/load/1.0.0");
    private static readonly ProtocolId AnswerProtocol = new("/load-answer/1.0.0");
    private static readonly HandlerOptions InPlace = new() { Inline = true };
    private static readonly SendOptions Apart = new() { Coalesce = false };
    private static readonly TimeSpan Spin = TimeSpan.FromMicroseconds(100);
    private static readonly MsgNetOptions Defaults = new();
    private static readonly byte[] Knock = [0];

    public string Name => form switch
    {
        MsgNetForm.Unreliable => "MsgNet, unreliable",
        MsgNetForm.Single => "MsgNet, unreliable, a datagram each",
        MsgNetForm.Reliable => "MsgNet, reliable",
        MsgNetForm.Ordered => "MsgNet, reliable ordered",
        MsgNetForm.Spinning => "MsgNet, unreliable, spinning",
        MsgNetForm.Sleeping => "MsgNet, unreliable, sleeping",
        _ => "MsgNet, await Request",
    };

    public string? Missing => null;

    public bool IsForLinks => form == MsgNetForm.Ordered;

    public bool CanDo(LoadWork work) => form switch
    {
        MsgNetForm.Request or MsgNetForm.Spinning or MsgNetForm.Sleeping => work.Kind == LoadKind.RoundTrip,
        MsgNetForm.Single => work.Kind == LoadKind.OneWay,
        _ => true,
    };

    public async Task<IListener> Listen(LoadWork work)
    {
        var options = HostOptions;
        options.Listen.Add("/ip4/127.0.0.1/udp/0");
        var host = await MessageHost.Start(options);
        return new Listener(host, work, Options);
    }

    public async Task<ICaller> Connect(LoadWork work, Target target)
    {
        var peer = PeerId.Parse(target.Credential);
        var host = await MessageHost.Start(HostOptions);
        host.Network.Peerstore.AddAddress(peer, Multiaddress.Parse($"/ip4/127.0.0.1/udp/{target.Port}"));
        await host.Request(peer, MessageHost.PingProtocol, Knock);
        return new Caller(host, peer, work, form, Options);
    }

    private MsgNetOptions HostOptions => new()
    {
        ReceiveSpin = form switch
        {
            MsgNetForm.Spinning => Spin,
            MsgNetForm.Sleeping => TimeSpan.Zero,
            _ => Defaults.ReceiveSpin,
        },
    };

    private SendOptions Options => form switch
    {
        MsgNetForm.Reliable => SendOptions.Reliable,
        MsgNetForm.Ordered => SendOptions.Ordered,
        MsgNetForm.Single => Apart,
        _ => SendOptions.Unreliable,
    };

    private sealed class Listener : IListener
    {
        private readonly MessageHost host;
        private readonly SendOptions options;
        private ISocketSession? back;
        private Count received;

        public Listener(MessageHost host, LoadWork work, SendOptions options)
        {
            this.host = host;
            this.options = options;
            var address = host.Addresses[0].ToString().Split('/');
            Target = new Target(int.Parse(address[4], System.Globalization.CultureInfo.InvariantCulture), host.Id.ToString());
            if (work.Kind == LoadKind.OneWay)
                host.SetMessageHandler(Protocol, OnMessage, InPlace);
            else
                host.SetMessageHandler(Protocol, OnQuestion, InPlace);
        }

        public Target Target { get; }

        public long Received => received.Value;

        public ValueTask DisposeAsync() => host.Close(TimeSpan.Zero);

        // One peer, one port: calls come one at a time.
        private ValueTask OnMessage(Message message, CancellationToken cancellationToken)
        {
            received.Add(1);
            return ValueTask.CompletedTask;
        }

        private ValueTask OnQuestion(Message message, CancellationToken cancellationToken)
        {
            received.Add(1);
            if (message.CanReply)
                return message.Reply(message.Data, cancellationToken);

            back ??= host.OpenSession(message.From, AnswerProtocol, options);
            return back.SendMessage(message.Data, cancellationToken);
        }
    }

    private sealed class Caller : ICaller
    {
        private readonly MessageHost host;
        private readonly PeerId peer;
        private readonly MsgNetForm form;
        private readonly byte[] message;
        private readonly ISocketSession session;
        private readonly MsgNetSendLoop loop;
        private long asked;
        private RoundTrips? times;
        private CancellationToken stopAsking;
        private TaskCompletionSource asking = new();

        public Caller(MessageHost host, PeerId peer, LoadWork work, MsgNetForm form, SendOptions options)
        {
            this.host = host;
            this.peer = peer;
            this.form = form;
            message = new byte[work.Size];
            session = host.OpenSession(peer, Protocol, options);
            loop = new MsgNetSendLoop(session, message);
            host.SetMessageHandler(AnswerProtocol, OnAnswer, InPlace);
        }

        public long Sent => loop.Sent;

        public Task Send(CancellationToken stop) => loop.Run(stop);

        public Task Ask(RoundTrips times, CancellationToken stop) =>
            form == MsgNetForm.Request ? AskAndAwait(times, stop) : AskInPlace(times, stop);

        public ValueTask DisposeAsync() => host.Close(TimeSpan.Zero);

        private async Task AskAndAwait(RoundTrips times, CancellationToken stop)
        {
            var start = System.Diagnostics.Stopwatch.GetTimestamp();
            while (!stop.IsCancellationRequested)
            {
                await host.Request(peer, Protocol, message, CancellationToken.None);
                start = times.AddSince(start);
            }
        }

        // Each answer asks the next question, on the thread that received it.
        private async Task AskInPlace(RoundTrips times, CancellationToken stop)
        {
            this.times = times;
            stopAsking = stop;
            asking = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            asked = System.Diagnostics.Stopwatch.GetTimestamp();
            await session.SendMessage(message, CancellationToken.None);
            await asking.Task;
        }

        private ValueTask OnAnswer(Message answer, CancellationToken cancellationToken)
        {
            asked = times!.AddSince(asked);
            if (!stopAsking.IsCancellationRequested)
                return session.SendMessage(message, cancellationToken);

            asking.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }
}

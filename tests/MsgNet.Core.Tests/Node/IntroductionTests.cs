using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>WHO and IAM: asking an address who is there.</summary>
public class IntroductionTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;
    private readonly object state = new();

    public IntroductionTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
        b.Settings = b.Settings with { AnswerWho = true };
        b.Start();
    }

    [Fact]
    [Covers("SEC-091", "SEC-015")]
    public void An_address_that_answers_is_identified_and_nothing_else_changes()
    {
        Ask(b.Address);
        network.RunUntil(() => a.Log.Count > 0);
        var answer = Assert.Single(a.Log);
        Assert.Equal((NodeEventKind.Identified, b.Id, state), (answer.Kind, answer.Peer, answer.State));
        network.Run(20);
        Assert.Single(a.Log);
        Assert.Equal([64, 52], network.Flights.Select(flight => flight.Datagram.Length));
        Assert.Equal(0, a.Machine.PeerCount + b.Machine.PeerCount);
        Assert.Empty(b.Log);
        Assert.True(a.Machine.NextTimer.IsNever);
    }

    [Fact]
    [Covers("SEC-091")]
    public void A_node_that_did_not_opt_in_is_silent_and_the_question_is_repeated_until_its_deadline()
    {
        var silent = network.Add("/chat");
        var start = network.Now;
        Ask(silent.Address, seconds: 5);
        network.RunUntil(() => a.Log.Count > 0);
        var failure = Assert.Single(a.Log);
        Assert.Equal((NodeEventKind.NotIdentified, state), (failure.Kind, failure.State));
        Assert.True(failure.Peer.IsEmpty);
        Assert.Equal(5, (network.Now - start).TotalSeconds, 0.001);
        Assert.All(network.Flights, flight => Assert.Equal(network.Flights[0].Datagram, flight.Datagram));
        double[] nominal = [300, 600, 1200, 2400];
        Assert.Equal(nominal.Length + 1, network.Flights.Count);
        for (var i = 0; i < nominal.Length; i++)
        {
            var waited = (network.Flights[i + 1].SentAt - network.Flights[i].SentAt).TotalMilliseconds;
            Assert.InRange(waited, nominal[i] * 0.9, nominal[i] * 1.1);
        }

        Assert.Equal(network.Flights.Count, silent.Machine.Counters.Dropped(DropReason.WhoNotAnswered));
        network.Run(10);
        Assert.Single(a.Log);
    }

    [Fact]
    [Covers("SEC-091", "SEC-005")]
    public void Only_the_nonce_sent_there_from_the_address_asked_counts()
    {
        var silent = network.Add("/chat");
        Ask(silent.Address);
        var nonce = network.Flights[0].Datagram[4..20];
        var iam = new byte[IamMessage.Length];
        IamMessage.Write(iam, nonce, b.PublicKey);
        for (var bit = 0; bit < 20 * 8; bit++)
        {
            var forged = (byte[])iam.Clone();
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            network.Inject(silent.Address, a.Address, forged);
        }

        network.Inject(b.Address, a.Address, iam);
        network.Inject(silent.Address, a.Address, iam[..^1]);
        network.Inject(silent.Address, a.Address, [.. iam, 0]);
        var noPoint = (byte[])iam.Clone();
        noPoint.AsSpan(20).Clear();
        network.Inject(silent.Address, a.Address, noPoint);
        Assert.Empty(a.Log);
        Assert.Equal(1, a.Machine.Counters.Dropped(DropReason.NotAuthentic));

        network.Inject(silent.Address, a.Address, iam);
        Assert.Equal(b.Id, Assert.Single(a.Log).Peer);
        network.Inject(silent.Address, a.Address, iam);
        Assert.Single(a.Log);
    }

    [Fact]
    [Covers("SEC-015")]
    public void A_WHO_has_64_bytes_and_zeros_after_its_nonce()
    {
        var who = new byte[WhoMessage.Length];
        WhoMessage.Write(who, Enumerable.Repeat((byte)7, 16).ToArray());
        network.Inject(a.Address, b.Address, who[..^1]);
        network.Inject(a.Address, b.Address, [.. who, 0]);
        for (var at = 20; at < who.Length; at++)
        {
            var padded = (byte[])who.Clone();
            padded[at] = 1;
            network.Inject(a.Address, b.Address, padded);
        }

        Assert.Equal(46, b.Machine.Counters.Dropped(DropReason.Malformed));
        Assert.Empty(network.Flights);
        network.Inject(a.Address, b.Address, who);
        var answer = Assert.Single(network.Flights).Datagram;
        Assert.Equal(Convert.ToHexString([11, 1, 0, 0, .. who[4..20], .. b.PublicKey]), Convert.ToHexString(answer));
    }

    [Fact]
    [Covers("SEC-065", "SEC-091")]
    public void One_address_gets_one_answer_a_second_and_all_together_a_thousand()
    {
        var who = new byte[WhoMessage.Length];
        WhoMessage.Write(who, new byte[16]);
        network.Inject(a.Address, b.Address, who);
        network.Inject(a.Address, b.Address, who);
        Assert.Single(network.Flights);
        Assert.Equal(1, b.Machine.Counters.Dropped(DropReason.SurplusWho));
        network.Run(1);
        network.Inject(a.Address, b.Address, who);
        Assert.Equal(2, network.Flights.Count);

        network.Run(2);
        for (var i = 0; i < 1_500; i++)
            network.Inject(NetAddress.From(new System.Net.IPAddress([10, 7, (byte)(i >> 8), (byte)i]), 9, 0), b.Address, who);
        Assert.Equal(1_002, network.Flights.Count);
    }

    [Fact]
    [Covers("SEC-095")]
    public void Of_what_waits_to_leave_and_belongs_to_no_peer_there_are_128_and_the_rest_is_counted()
    {
        for (var i = 0; i < Limits.LooseRepliesMax + 3; i++)
            Assert.True(a.Machine.TryAsk(network.Now, Silent(i), state, network.Now + TimeSpan.FromSeconds(5)));
        Assert.Equal(3, a.Machine.Counters.Dropped(DropReason.ReplyQueueFull));
        a.Write();
        Assert.Equal(Limits.LooseRepliesMax, network.Flights.Count);
    }

    [Fact]
    [Covers("SEC-091")]
    public void At_most_256_questions_are_open()
    {
        for (var i = 0; i < 256; i++)
            Assert.True(TryAsk(Silent(i), seconds: 5));
        Assert.False(TryAsk(Silent(256), seconds: 5));
        network.Run(6);
        Assert.Equal(256, a.Count(NodeEventKind.NotIdentified));
        Assert.True(TryAsk(Silent(0), seconds: 5));
        a.Machine.CancelAsk(state);
        network.Run(6);
        Assert.Equal(256, a.Count(NodeEventKind.NotIdentified));
    }

    private static NetAddress Silent(int number) =>
        NetAddress.From(new System.Net.IPAddress([10, 8, (byte)(number >> 8), (byte)number]), 9, 0);

    private bool TryAsk(NetAddress address, double seconds)
    {
        var asked = a.Machine.TryAsk(network.Now, address, state, network.Now + TimeSpan.FromSeconds(seconds));
        a.Write();
        return asked;
    }

    private void Ask(NetAddress address, double seconds = 10)
    {
        Assert.True(TryAsk(address, seconds));
        Assert.Single(network.Flights);
    }
}

using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>What an initiator makes of RETRY.</summary>
public sealed class RetryTests : IDisposable
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly RawResponder responder;
    private PeerChannel peer = null!;

    public RetryTests()
    {
        a = network.Add("/chat");
        responder = new RawResponder(network.Now, 7);
    }

    private Flight Newest => network.Flights[^1];

    private long SurplusRetries => a.Machine.Counters.Dropped(DropReason.SurplusRetry);

    public void Dispose() => responder.Dispose();

    [Fact]
    [Covers("SEC-041", "SEC-033")]
    public void A_RETRY_is_answered_at_once_by_a_new_image_with_the_cookie_and_completes()
    {
        Dial(responder.Address);
        var first = Newest;
        Assert.False(RawResponder.Parse(first).HasMac2);
        network.Run(0.1);
        Inject(responder.Retry(network.Now, first));

        var second = Newest;
        Assert.Equal(2, network.Flights.Count);
        Assert.Equal(network.Now, second.SentAt);
        Assert.Equal(responder.Address, second.To);
        Assert.True(responder.HasCookie(network.Now, second));
        Assert.Equal(RawResponder.Parse(first).SenderIndex, RawResponder.Parse(second).SenderIndex);
        Assert.False(RawResponder.Parse(first).Ephemeral.SequenceEqual(RawResponder.Parse(second).Ephemeral));
        Assert.Equal(first.Frames, second.Frames);
        Assert.Equal(1, a.Machine.Counters.RetriesTaken);

        responder.Accept(network.Now, first, out var timestamp);
        Inject(responder.Accept(network.Now, second, out var timestampWithCookie));
        Assert.Equal(timestamp, timestampWithCookie);
        Assert.True(peer.IsReady);
        Assert.False(peer.IsConnecting);
        Assert.False(a.Machine.Initiator.IsPending(RawResponder.Parse(first).SenderIndex));
    }

    [Fact]
    [Covers("SEC-041", "SEC-036")]
    public void The_image_before_the_RETRY_can_still_be_answered()
    {
        Dial(responder.Address);
        var first = Newest;
        Inject(responder.Retry(network.Now, first));
        Inject(responder.Accept(network.Now, first, out _));
        Assert.True(peer.IsReady);
    }

    [Fact]
    [Covers("SEC-041", "SEC-005")]
    public void Forged_RETRYs_change_nothing_and_are_counted()
    {
        Dial(responder.Address);
        var first = Newest;
        var retry = responder.Retry(network.Now, first);
        var dropped = 0;
        for (var bit = 0; bit < retry.Length * 8; bit++, dropped++)
        {
            var forged = (byte[])retry.Clone();
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            Inject(forged);
        }

        using var other = new RawResponder(network.Now, 8);
        Inject(other.Retry(network.Now, first)); // the right index and mac1, another key
        dropped++;

        // The right index, bound to another HELLO.
        var twin = (byte[])first.Datagram.Clone();
        twin[HelloMessage.Mac1Offset] ^= 1;
        var bound = new Flight { Number = 0, SentAt = default, From = first.From, To = first.To, Datagram = twin, Frames = [] };
        Inject(responder.Retry(network.Now, bound));
        dropped++;

        Assert.Single(network.Flights);
        Assert.Equal(0, a.Machine.Counters.RetriesTaken);
        Assert.Equal(dropped, DroppedInAll());

        Inject(retry);
        Assert.Equal(2, network.Flights.Count);
        Assert.True(responder.HasCookie(network.Now, Newest));
    }

    [Fact]
    [Covers("SEC-041")]
    public void One_RETRY_an_image_and_three_an_attempt_are_followed()
    {
        Dial(responder.Address);
        for (var taken = 1; taken <= 3; taken++)
        {
            var image = Newest;
            Inject(responder.Retry(network.Now, image));
            Assert.Equal(taken + 1, network.Flights.Count);
            Inject(responder.Retry(network.Now, image));
            Assert.Equal(taken + 1, network.Flights.Count);
            Assert.Equal(taken, SurplusRetries);
        }

        Inject(responder.Retry(network.Now, Newest));
        Assert.Equal(4, network.Flights.Count);
        Assert.Equal(4, SurplusRetries);
        Assert.Equal(3, a.Machine.Counters.RetriesTaken);

        // The attempt goes on with the image that is there.
        network.Run(0.4);
        Assert.Equal(network.Flights[3].Datagram, network.Flights[4].Datagram);
        Inject(responder.Accept(network.Now, Newest, out _));
        Assert.True(peer.IsReady);
    }

    [Fact]
    [Covers("SEC-041", "SEC-031")]
    public void Later_images_to_that_address_show_the_cookie_and_those_to_others_do_not()
    {
        var elsewhere = NetAddress.From(new System.Net.IPAddress([10, 0, 3, 1]), 1, 0);
        Dial(responder.Address, elsewhere);
        network.Run(0.2);
        var start = network.Now;
        Inject(responder.Retry(network.Now, network.Flights[0]));
        network.Run(9);

        var here = network.Flights.Skip(1).Where(flight => flight.To == responder.Address).ToArray();
        var there = network.Flights.Where(flight => flight.To == elsewhere).ToArray();
        Assert.True(here.Select(flight => Convert.ToHexString(flight.Datagram)).Distinct().Count() >= 2);
        Assert.True(here.Select(flight => RawResponder.Parse(flight).SenderIndex).Distinct().Count() >= 2);
        Assert.All(here, flight => Assert.True(responder.HasCookie(start, flight)));
        Assert.NotEmpty(there);
        Assert.All(there, flight => Assert.False(RawResponder.Parse(flight).HasMac2));

        // The wait began anew: the address has answered.
        double[] nominal = [300, 600, 1200];
        for (var i = 0; i < nominal.Length; i++)
            Assert.InRange((here[i + 1].SentAt - here[i].SentAt).TotalMilliseconds, nominal[i] * 0.9, nominal[i] * 1.1);
    }

    [Theory]
    [InlineData("the deadline")]
    [InlineData("an ACK")]
    [InlineData("the end of the node's interest")]
    [Covers("SEC-036", "SEC-043")]
    public void No_index_waits_for_an_answer_once_the_attempt_is_over(string end)
    {
        Dial(responder.Address, NetAddress.From(new System.Net.IPAddress([10, 0, 3, 1]), 1, 0));
        network.Run(3); // a second image
        Inject(responder.Retry(network.Now, network.Flights.Last(flight => flight.To == responder.Address)));
        for (var i = 0; i < 12; i++)
        {
            network.Run(0.5);
            Assert.InRange(a.Machine.Initiator.PendingCount, 2, 4);
        }

        if (end == "an ACK")
            Inject(responder.Accept(network.Now, network.Flights.Last(flight => flight.To == responder.Address), out _));
        else if (end == "the deadline")
            network.RunUntil(() => a.Count(NodeEventKind.DialFailed) == 1);
        else
            a.Machine.Forget(peer);
        Assert.Equal(0, a.Machine.Initiator.PendingCount);
    }

    private void Dial(params NetAddress[] addresses)
    {
        Assert.True(a.Machine.TryGetPeer(network.Now, responder.Id, out var found));
        peer = found;
        a.Machine.Dial(network.Now, peer, addresses, TimeSpan.FromSeconds(10));
        a.Machine.TrySend(network.Now, peer, ProtocolId.FromString("/chat"), "x"u8, allowEarly: true);
        a.Write();
        Assert.Single(network.Flights);
    }

    private void Inject(byte[] datagram) => network.Inject(responder.Address, a.Address, datagram);

    private long DroppedInAll() => Enum.GetValues<DropReason>().Sum(a.Machine.Counters.Dropped);
}

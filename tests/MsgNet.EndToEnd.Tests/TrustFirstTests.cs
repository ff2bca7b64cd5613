namespace MsgNet.EndToEnd;

public sealed class TrustFirstTests
{
    [Theory]
    [Covers("CLI-008", "API-096")]
    [InlineData("ping", "-c", "1")]
    [InlineData("chat")]
    [InlineData("send", "/t/1", "--message", "hello", "--request")]
    public async Task With_trust_first_the_key_is_asked_for_printed_and_used(string verb, params string[] arguments)
    {
        await using var listener = Msgnet.Start(
            "listen", "-p", "/t/1", "-p", "/chat/1.0.0", "--echo", "--answer-who", "--listen", "/ip4/127.0.0.1/udp/0", "--json");
        var address = Multiaddress.Parse(listener.ReadAddress());
        Assert.True(address.TryGetPeerId(out var peer));
        var bare = address.WithoutPeerId()!.ToString();

        var result = (await Msgnet.Run([verb, bare, .. arguments, "--trust-first", "--json"])).Expect(0);

        var trusted = result.Single("trusted");
        Assert.Equal(["event", "peerId", "address"], trusted.Names());
        Assert.Equal((peer.ToString(), bare), (trusted.Text("peerId"), trusted.Text("address")));
        Assert.Contains($"{bare} says it is {peer}; nobody has proven that", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    [Covers("CLI-008", "CLI-007")]
    public async Task Without_trust_first_nobody_is_asked_and_without_answer_who_nobody_answers()
    {
        await using var listener = Msgnet.Start("listen", "--protocol", "/t/1", "--listen", "/ip4/127.0.0.1/udp/0", "--json");
        var bare = Multiaddress.Parse(listener.ReadAddress()).WithoutPeerId()!.ToString();

        var refused = (await Msgnet.Run("ping", bare)).Expect(64);
        Assert.Contains("add /p2p/PEERID to the address, or --trust-first", refused.Errors, StringComparison.Ordinal);

        var unanswered = await Msgnet.Run("send", bare, "/t/1", "--message", "x", "--trust-first", "--timeout", "200ms", "--json");
        unanswered.Expect(1);
        Assert.Contains("said who it is", unanswered.Errors, StringComparison.Ordinal);
        Assert.Equal("failed", unanswered.Events.Single().Text("event"));
    }

    [Fact]
    [Covers("CLI-008")]
    public async Task An_address_that_names_its_peer_is_not_asked()
    {
        await using var listener = Msgnet.Start("listen", "--protocol", "/t/1", "--listen", "/ip4/127.0.0.1/udp/0", "--json");

        var result = (await Msgnet.Run("ping", listener.ReadAddress(), "-c", "1", "--trust-first", "--json")).Expect(0);

        Assert.DoesNotContain("trusted", string.Concat(result.Lines), StringComparison.Ordinal);
    }
}

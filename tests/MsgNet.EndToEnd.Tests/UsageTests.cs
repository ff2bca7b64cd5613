namespace MsgNet.EndToEnd;

public sealed class UsageTests
{
    private const string Peer = "12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5";
    private const string Address = "/ip4/127.0.0.1/udp/9/p2p/" + Peer;

    [Theory]
    [Covers("CLI-003", "CLI-004")]
    [InlineData("no verb")]
    [InlineData("nonsense", "nonsense")]
    [InlineData("id without a verb", "id")]
    [InlineData("no protocol", "listen")]
    [InlineData("no count", "listen", "--protocol", "/t/1", "--count", "0")]
    [InlineData("no address", "ping")]
    [InlineData("no multiaddr", "ping", "127.0.0.1:4001")]
    [InlineData("nothing to send", "send", Address, "/t/1")]
    [InlineData("two things to send", "send", Address, "/t/1", "-", "--message", "hello")]
    [InlineData("an unknown delivery", "send", Address, "/t/1", "--message", "hello", "--delivery", "fast")]
    [InlineData("a timeout of nothing", "send", Address, "/t/1", "--message", "hello", "--timeout", "0")]
    [InlineData("no transport", "bench")]
    [InlineData("a later transport", "bench", "--transport", "tcp")]
    [InlineData("lanes for unreliable messages", "bench", "--transport", "msp", "--delivery", "unreliable")]
    [InlineData("datagrams for reliable messages", "bench", "--transport", "udp", "--delivery", "ordered")]
    [InlineData("an unreliable message too large", "bench", "--transport", "udp", "--size", "64k")]
    [InlineData("a peer without its key", "ping", "/ip4/127.0.0.1/udp/9/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N")]
    [InlineData("a peer without its place", "ping", "/p2p/" + Peer)]
    [InlineData("a negative seed", "sim", "--seed", "-1")]
    [InlineData("messi without a verb", "messi")]
    [InlineData("no namespace", "messi", "generate", "chat.proto", "-o", "out")]
    [InlineData("a namespace that is none", "messi", "generate", "chat.proto", "-o", "out", "--namespace", "A..B")]
    [InlineData("no folder", "messi", "generate", "chat.proto", "--namespace", "A")]
    [InlineData("an unknown side", "messi", "generate", "chat.proto", "--namespace", "A", "-o", "out", "--side", "peer")]
    [InlineData("no shell", "completions")]
    [InlineData("an unknown shell", "completions", "tcsh")]
    [InlineData("a tcp listener", "listen", "--protocol", "/t/1", "--listen", "/ip4/127.0.0.1/tcp/0")]
    public async Task Wrong_usage_is_64_and_one_line(string what, params string[] arguments)
    {
        var result = (await Msgnet.Run(arguments)).Expect(64);

        Assert.True(result.Lines.Count == 0, $"{what}: {string.Join('\n', result.Lines)}");
        Assert.Single(result.Errors.TrimEnd().Split('\n'));
    }

    [Theory]
    [Covers("CLI-004")]
    [InlineData("--count takes a whole number, not 'x'. See: msgnet listen --help", "listen", "--protocol", "/t/1", "--count", "x")]
    [InlineData("--timeout takes seconds, or a duration such as 500ms or 2m, not '-1'. See: msgnet listen --help",
        "listen", "--protocol", "/t/1", "--timeout", "-1")]
    [InlineData("--timeout takes more than zero. See: msgnet listen --help", "listen", "--protocol", "/t/1", "--timeout", "0s")]
    [InlineData("--count takes 1 to 2147483647, not -1. See: msgnet listen --help", "listen", "--protocol", "/t/1", "--count", "-1")]
    [InlineData("-c takes 1 to 2147483647, not 0. See: msgnet ping --help", "ping", Address, "-c", "0")]
    [InlineData("--count takes 1 to 2147483647, not 0. See: msgnet ping --help", "ping", Address, "--count", "0")]
    [InlineData("--seed takes a whole number from 0 to 2^64 - 1, not '-1'. See: msgnet sim --help", "sim", "--seed", "-1")]
    [InlineData("there is no verb or option 'sned'. See: msgnet --help", "sned", Address, "/t/1", "--message", "hello")]
    [InlineData("there is no verb or option 'make'. See: msgnet id --help", "id", "make")]
    [InlineData("SHELL takes bash, zsh or pwsh, not 'tcsh'. See: msgnet completions --help", "completions", "tcsh")]
    [InlineData("Required argument 'ADDR' missing for command: 'send'; Required argument 'PROTOCOL' missing for command: 'send'. "
        + "See: msgnet send --help", "send")]
    [InlineData("Required argument 'PROTOCOL' missing for command: 'send'. See: msgnet send --help", "send", Address)]
    [InlineData("--file takes a file, and '/' is a folder. See: msgnet send --help", "send", Address, "/t/1", "--file", "/")]
    [InlineData("/ip4/127.0.0.1/tcp/9 is no address to ask who is there: write a host and a port, such as /ip4/192.0.2.1/udp/4001 "
        + "(registered transports: udp, msp, memory).", "ping", "/ip4/127.0.0.1/tcp/9", "--trust-first")]
    [InlineData("/ip4/127.0.0.1 is no address to listen on: write an IP address and a port, such as /ip4/0.0.0.0/udp/4001 "
        + "(registered transports: udp, msp, memory).", "listen", "--protocol", "/t/1", "--listen", "/ip4/127.0.0.1")]
    [InlineData("/ip4/127.0.0.1/p2p/" + Peer + " is no address to dial: write /ip4/HOST/udp/PORT before /p2p/" + Peer + ".",
        "send", "/ip4/127.0.0.1/p2p/" + Peer, "/t/1", "--message", "hello")]
    [InlineData("/p2p/" + Peer + " is no address to dial: write /ip4/HOST/udp/PORT before /p2p/" + Peer + ".", "ping", "/p2p/" + Peer)]
    [InlineData("--identity takes the path of a file, not ''. See: msgnet listen --help",
        "listen", "--protocol", "/t/1", "--identity", "")]
    [InlineData("FILE takes the path of a file, not ''. See: msgnet id show --help", "id", "show", "")]
    [InlineData("a verb is missing, one of new, show. See: msgnet id --help", "id")]
    [InlineData("--count takes 1 to 2147483647, not 99999999999. See: msgnet ping --help", "ping", Address, "--count", "99999999999")]
    [InlineData("--size takes 0 to 65535, not 99999999999999999999. See: msgnet ping --help",
        "ping", Address, "--size", "99999999999999999999")]
    [InlineData("--message-size-max takes 65536 to 16777216, not 5G. See: msgnet send --help",
        "send", Address, "/t/1", "--message", "hello", "--message-size-max", "5G")]
    [InlineData("--timeout takes at most 24h, not 100000. See: msgnet listen --help",
        "listen", "--protocol", "/t/1", "--timeout", "100000")]
    [InlineData("--delay takes at most 1h, not 24h. See: msgnet sim --help", "sim", "--delay", "24h")]
    [InlineData("--jitter takes at most 1h, not 99999999999999999999h. See: msgnet sim --help",
        "sim", "--jitter", "99999999999999999999h")]
    [InlineData("--pcap takes a file, and '/' is a folder. See: msgnet sim --help", "sim", "--pcap", "/")]
    [InlineData("FILE.proto takes the path of a file, not ''. See: msgnet messi generate --help",
        "messi", "generate", "", "--namespace", "N", "-o", "out")]
    [InlineData("FILE.proto takes a file, and '/' is a folder. See: msgnet messi generate --help",
        "messi", "generate", "/", "--namespace", "N", "-o", "out")]
    [InlineData("-o takes the path of a folder, not ''. See: msgnet messi generate --help",
        "messi", "generate", "p.proto", "--namespace", "N", "-o", "")]
    [InlineData("-I takes the path of a folder, not ''. See: msgnet messi generate --help",
        "messi", "generate", "p.proto", "--namespace", "N", "-o", "out", "-I", "/", "-I", "")]
    [InlineData("--protoc takes a file, and '/' is a folder. See: msgnet messi generate --help",
        "messi", "generate", "p.proto", "--namespace", "N", "-o", "out", "--protoc", "/")]
    [InlineData("--descriptor-set takes the path of a file, not ''. See: msgnet messi generate --help",
        "messi", "generate", "p.proto", "--namespace", "N", "-o", "out", "--descriptor-set", "")]
    public async Task A_mistake_is_told_once_and_in_words_of_the_command_line(string sentence, params string[] arguments)
    {
        var result = (await Msgnet.Run(arguments)).Expect(64);

        Assert.Equal($"msgnet: {sentence}", result.Errors.TrimEnd());
    }

    [Theory]
    [Covers("CLI-007")]
    [InlineData("ping", "/ip4/127.0.0.1/udp/9")]
    [InlineData("chat", "/ip4/127.0.0.1/udp/9")]
    [InlineData("send", "/ip4/127.0.0.1/udp/9", "/t/1", "--message", "hello")]
    public async Task An_address_without_its_peer_is_64_and_says_what_to_add(params string[] arguments)
    {
        var result = (await Msgnet.Run(arguments)).Expect(64);

        Assert.Contains("add /p2p/PEERID to the address, or --trust-first", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [Covers("CLI-010")]
    [InlineData("--loss", "20")]
    [InlineData("--loss", "101%")]
    [InlineData("--loss", "much")]
    [InlineData("--loss", "-1%")]
    [InlineData("--delay", "20")]
    [InlineData("--delay", "20 ms")]
    [InlineData("--size", "1.5k")]
    [InlineData("--size", "1T")]
    [InlineData("--size", "64k")]
    public async Task A_quantity_in_another_form_is_64(string option, string value)
    {
        var result = (await Msgnet.Run("sim", option, value)).Expect(64);

        Assert.Contains(option, result.Errors, StringComparison.Ordinal);
        Assert.Contains(value == "64k" ? "65536" : value, result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [Covers("CLI-005")]
    [InlineData]
    [InlineData("id")]
    [InlineData("id", "new")]
    [InlineData("id", "show")]
    [InlineData("listen")]
    [InlineData("send")]
    [InlineData("ping")]
    [InlineData("chat")]
    [InlineData("sim")]
    [InlineData("bench")]
    [InlineData("messi")]
    [InlineData("messi", "generate")]
    [InlineData("completions")]
    public async Task Help_shows_an_example(params string[] verb)
    {
        var result = (await Msgnet.Run([.. verb, "--help"])).Expect(0);

        var example = result.Lines.SkipWhile(line => line != "Example:").Skip(1).First();
        Assert.StartsWith($"  msgnet {string.Join(' ', verb)}", example, StringComparison.Ordinal);
    }
}

using System.Security.Cryptography;

namespace MsgNet.NetworkTests;

/// <summary>Loss, disorder, damage and a narrow path, between real processes; what counts is that everything is answered, once.</summary>
public sealed class BadNetworkTests : IDisposable
{
    private const string ServerStart = "/ip4/198.51.100.11/";
    private const int FileLength = 20_000;

    private readonly InternetBox box = new(seed: 11);

    [NetnsFact("netns", "tun")]
    public async Task Dials_succeed_when_three_of_ten_datagrams_are_lost_each_way()
    {
        const int lanes = 4, dialsPerLane = 5, expected = 17;
        var (server, home) = Pair();
        await using var listener = Asker.StartListener(server.Space);
        var address = listener.ReadAddress(ServerStart);
        box.SetFaults(home, new LinkFaults { Loss = 0.3 });

        // Half of all round trips fail. Twenty seconds hold eleven HELLOs, but only six or seven repetitions of the request, whose wait
        // doubles: about two in a hundred end without a reply, and four of twenty less than once in a thousand runs.
        var lane = async () =>
        {
            var succeeded = 0;
            for (var left = dialsPerLane; left > 0; left--)
            {
                await using var dial = Msgnet.StartUnder(
                    home.Space.Wrapper,
                    "send", address, Asker.Protocol, "--message", "hello", "--request", "--timeout", "20s", "--json");
                succeeded += (await dial.End()).ExitCode == 0 ? 1 : 0;
            }

            return succeeded;
        };
        var done = await Task.WhenAll(Enumerable.Range(0, lanes).Select(_ => Task.Run(lane)));

        Assert.InRange(done.Sum(), expected, lanes * dialsPerLane);
        Assert.True(home.Up.Lost > 0 && home.Down.Lost > 0, "Nothing was lost.");
    }

    [NetnsFact("netns", "tun")]
    public async Task Requests_arrive_whole_and_once_through_disorder_copies_and_damage()
    {
        var (server, home) = Pair();
        box.SetFaults(home, new LinkFaults
        {
            Delay = TimeSpan.FromMilliseconds(5),
            Jitter = TimeSpan.FromMilliseconds(10),
            Duplicate = 0.1,
            Corrupt = 0.02,
        });

        await Transfer(server, home, count: 20, onReply: _ => { });

        foreach (var link in new[] { home.Up, home.Down })
            Assert.True(link is { Reordered: > 0, Duplicated: > 0, Corrupted: > 0 }, "The network was better than it should be.");
    }

    [NetnsFact("netns", "tun")]
    public async Task A_transfer_goes_on_when_the_path_narrows_without_a_word()
    {
        const int narrow = 1280, count = 60, countAfterwards = 10;
        var (server, home) = Pair();
        box.SetFaults(home, new LinkFaults { Delay = TimeSpan.FromMilliseconds(5) });
        var narrowedAt = 0;

        await Transfer(server, home, count, onReply: reply =>
        {
            if (narrowedAt > 0 || !box.Read(() => home.Up.Longest > narrow && home.Down.Longest > narrow))
                return;

            narrowedAt = reply;
            box.SetFaults(home, new LinkFaults { Delay = TimeSpan.FromMilliseconds(5), Mtu = narrow });
        });

        Assert.InRange(narrowedAt, 1, count - countAfterwards);
        Assert.True(home.Up.TooLong > 0 && home.Down.TooLong > 0, "Nothing was too long.");
    }

    [NetnsFact("netns", "tun")]
    public async Task IPv6_is_spoken_too()
    {
        var server = box.AddHost("server", "2001:db8::11");
        var home = box.AddHost("home", "2001:db8:1::2");
        box.Start();
        await using var listener = Asker.StartListener(server.Space, "/ip6/::/udp/4001");
        await using var asker = Asker.Start(home.Space, listener.ReadAddress("/ip6/2001:db8::11/"));

        await asker.Progress(20);

        await asker.End();
        Assert.Equal(asker.Answered, (await Asker.EndListener(listener)).Length);
    }

    public void Dispose() => box.Dispose();

    private (BoxHost Server, BoxHost Home) Pair()
    {
        var server = box.AddHost("server", "198.51.100.11");
        var home = box.AddHost("home", "203.0.113.2");
        box.Start();
        return (server, home);
    }

    // Requests of many datagrams, one after the other; each must come back as it went, and be handled once.
    private static async Task Transfer(BoxHost server, BoxHost home, int count, Action<int> onReply)
    {
        using var folder = new TemporaryFolder();
        var content = RandomNumberGenerator.GetBytes(FileLength);
        await File.WriteAllBytesAsync(folder.PathOf("file"), content);
        await using var listener = Asker.StartListener(server.Space);
        await using var sender = Msgnet.StartUnder(
            home.Space.Wrapper,
            "send", listener.ReadAddress(ServerStart), Asker.Protocol,
            "--file", folder.PathOf("file"), "--request", "--count", $"{count}", "--timeout", "40s", "--json");

        for (var replies = 1; replies <= count; replies++)
        {
            Assert.Equal(content, Convert.FromBase64String(sender.ReadEvent("reply").Text("base64")));
            onReply(replies);
        }

        (await sender.End()).Expect(0);
        listener.Interrupt();
        var heard = (await listener.End()).Expect(0);
        Assert.Equal(count, heard.Events.Count(line => line.Text("event") == "message"));
    }
}

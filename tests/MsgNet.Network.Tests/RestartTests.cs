namespace MsgNet.NetworkTests;

/// <summary>A host that loses all it knew, but not its key and its port.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly InternetBox box = new(seed: 13);

    [NetnsFact("netns", "tun")]
    public async Task A_host_that_was_killed_is_spoken_to_again_when_it_is_back()
    {
        var server = box.AddHost("server", "198.51.100.11");
        var home = box.AddHost("home", box.AddRouter("198.51.100.1", NatOptions.HomeRouter), "10.1.0.2");
        box.Start();
        using var folder = new TemporaryFolder();

        await using var first = Listen(server, folder);
        var address = first.ReadAddress("/ip4/198.51.100.11/");
        await using var ping = Msgnet.StartUnder(home.Space.Wrapper, "ping", address, "-i", "0.05", "--json");
        for (var pongs = 0; pongs < 5; pongs++)
            ping.ReadEvent("pong");

        first.Signal("KILL");
        await first.End();
        await using var second = Listen(server, folder);
        Assert.Equal(address, second.ReadAddress("/ip4/198.51.100.11/"));
        for (var pongs = 0; pongs < 50; pongs++)
            ping.ReadEvent("pong");

        ping.Interrupt();
        var summary = (await ping.End()).Expect(0).Single("summary");
        Assert.InRange(summary.Number("received"), 55, summary.Number("sent"));
    }

    public void Dispose() => box.Dispose();

    private static Msgnet Listen(BoxHost server, TemporaryFolder folder) => Msgnet.StartUnder(
        server.Space.Wrapper,
        "listen", "--protocol", Asker.Protocol, "--listen", "/ip4/0.0.0.0/udp/4001", "--identity", folder.PathOf("key"), "--json");
}

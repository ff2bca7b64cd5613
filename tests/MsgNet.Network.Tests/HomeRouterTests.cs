namespace MsgNet.NetworkTests;

/// <summary>Hosts behind routers as they stand in homes, and a public host; every process and socket is real.</summary>
public sealed class HomeRouterTests : IDisposable
{
    private const int Requests = 50;
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(2);

    private readonly InternetBox box = new(seed: 7);

    [NetnsFact("netns", "tun")]
    public async Task Two_homes_are_served_at_once_and_survive_new_ports_and_an_outage()
    {
        var server = box.AddHost("server", "198.51.100.11");
        Nat[] routers = [box.AddRouter("198.51.100.1", NatOptions.HomeRouter), box.AddRouter("198.51.100.2", NatOptions.HomeRouter)];
        BoxHost[] homes = [box.AddHost("home1", routers[0], "10.1.0.2"), box.AddHost("home2", routers[1], "10.1.0.2")];
        foreach (var home in homes)
            box.SetFaults(home, new LinkFaults { Delay = TimeSpan.FromMilliseconds(5) });
        box.Start();

        await using var listener = Asker.StartListener(server.Space);
        var address = listener.ReadAddress("/ip4/198.51.100.11/");
        await using var first = Asker.Start(homes[0].Space, address);
        await using var second = Asker.Start(homes[1].Space, address);
        var progress = () => Task.WhenAll(first.Progress(Requests), second.Progress(Requests));

        await progress();
        var before = box.Read(() => routers.Select(router => Assert.Single(router.Ports)).ToArray());
        box.Do(() => Array.ForEach(routers, router => router.Rebind()));
        await progress();
        var after = box.Read(() => routers.Select(router => Assert.Single(router.Ports)).ToArray());
        Assert.All(before.Zip(after), ports => Assert.NotEqual(ports.First, ports.Second));

        box.Do(() => Array.ForEach(homes, home => home.IsUnplugged = true));
        await Task.Delay(Outage);
        box.Do(() => Array.ForEach(homes, home => home.IsUnplugged = false));
        await progress();

        Assert.Equal((0, 0), (first.Failed, second.Failed));
        await first.End();
        await second.End();
        var heard = await Asker.EndListener(listener);
        Assert.Equal(first.Answered + second.Answered, heard.Length);
        Assert.Equal(heard.Length, heard.Distinct().Count()); // each ran once
        Assert.Equal(2, heard.Select(message => message.From).Distinct().Count());
    }

    [NetnsFact("netns", "tun")]
    public async Task Two_hosts_behind_one_router_share_its_address()
    {
        var server = box.AddHost("server", "198.51.100.11");
        var router = box.AddRouter("198.51.100.1", NatOptions.Symmetric);
        BoxHost[] homes = [box.AddHost("home1", router, "10.1.0.2"), box.AddHost("home2", router, "10.1.0.3")];
        box.Start();

        await using var listener = Asker.StartListener(server.Space);
        var address = listener.ReadAddress("/ip4/198.51.100.11/");
        await using var first = Asker.Start(homes[0].Space, address);
        await using var second = Asker.Start(homes[1].Space, address);
        await Task.WhenAll(first.Progress(20), second.Progress(20));

        Assert.Equal(2, box.Read(() => router.Ports.Count));
        await first.End();
        await second.End();
        Assert.Equal(first.Answered + second.Answered, (await Asker.EndListener(listener)).Length);
    }

    public void Dispose() => box.Dispose();
}

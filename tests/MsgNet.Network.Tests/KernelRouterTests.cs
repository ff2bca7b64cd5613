namespace MsgNet.NetworkTests;

/// <summary>The same with the router that Linux is: nftables masquerading, with nothing let in that was not asked for.</summary>
public sealed class KernelRouterTests : IDisposable
{
    private const int Requests = 50;
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(2);
    private static readonly string[] Homes = ["10.1.0.2", "10.1.0.3"];

    private readonly List<NetworkNamespace> spaces = [];

    [NetnsFact("netns", "veth", "nft", "conntrack")]
    public async Task Two_hosts_behind_it_survive_new_ports_and_an_outage()
    {
        var server = Add("server");
        var router = AddRouter(server);
        var homes = Homes.Select((address, index) => AddHome(router, address, $"lan{index}")).ToArray();

        await using var listener = Asker.StartListener(server);
        var address = listener.ReadAddress("/ip4/198.51.100.11/");
        await using var first = Asker.Start(homes[0], address);
        await using var second = Asker.Start(homes[1], address);
        var progress = () => Task.WhenAll(first.Progress(Requests), second.Progress(Requests));

        await progress();
        Assert.DoesNotMatch(PortOfRange, router.Run("conntrack", "-L", "-p", "udp"));
        SetRules(router, "masquerade to :20000-29999 random");
        router.Run("conntrack", "-F");
        await progress();
        Assert.Matches(PortOfRange, router.Run("conntrack", "-L", "-p", "udp"));

        router.Ip("link", "set", "lan", "down");
        await Task.Delay(Outage);
        router.Ip("link", "set", "lan", "up");
        await progress();

        Assert.Equal((0, 0), (first.Failed, second.Failed));
        await first.End();
        await second.End();
        var heard = await Asker.EndListener(listener);
        Assert.Equal(first.Answered + second.Answered, heard.Length);
        Assert.Equal(heard.Length, heard.Distinct().Count()); // each ran once
    }

    public void Dispose() => spaces.ForEach(space => space.Dispose());

    private const string PortOfRange = @"dst=198\.51\.100\.1 sport=4001 dport=2\d{4} ";

    private NetworkNamespace Add(string name)
    {
        var space = new NetworkNamespace(name);
        spaces.Add(space);
        return space;
    }

    private NetworkNamespace AddRouter(NetworkNamespace server)
    {
        var router = Add("router");
        Connect(server, "eth0", "198.51.100.11/24", router, "wan");
        router.Ip("address", "add", "198.51.100.1/24", "dev", "wan");
        router.Ip("link", "add", "lan", "type", "bridge");
        router.Ip("address", "add", "10.1.0.1/24", "dev", "lan");
        router.Ip("link", "set", "lan", "up");
        router.Run("sysctl", "-qw", "net.ipv4.ip_forward=1");
        SetRules(router, "masquerade");
        return router;
    }

    private NetworkNamespace AddHome(NetworkNamespace router, string address, string port)
    {
        var home = Add("home");
        Connect(home, "eth0", $"{address}/24", router, port);
        router.Ip("link", "set", port, "master", "lan");
        home.Ip("route", "add", "default", "via", "10.1.0.1");
        return home;
    }

    private static void Connect(NetworkNamespace host, string name, string address, NetworkNamespace other, string otherName)
    {
        Command.Run(
            "ip", "link", "add", name, "netns", host.Name, "type", "veth", "peer", "name", otherName, "netns", other.Name);
        host.Ip("address", "add", address, "dev", name);
        host.Ip("link", "set", name, "up");
        other.Ip("link", "set", otherName, "up");
    }

    private static void SetRules(NetworkNamespace router, string translation) => Command.Feed(
        $$"""
        flush ruleset
        table ip home {
          chain translate {
            type nat hook postrouting priority srcnat;
            oifname "wan" meta l4proto udp {{translation}};
          }
          chain guard {
            type filter hook input priority 0;
            iifname "wan" ct state new drop;
          }
        }
        """,
        "ip", [.. router.Wrapper[1..], "nft", "-f", "-"]);
}

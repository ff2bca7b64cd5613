namespace MsgNet.NetworkTests;

/// <summary>What this machine lets a test do, found out by trying, once.</summary>
internal static class Capabilities
{
    private static readonly Dictionary<string, Lazy<bool>> Known = new()
    {
        ["linux"] = new(OperatingSystem.IsLinux),
        ["root"] = new(() => Environment.IsPrivilegedProcess),
        ["netns"] = new(() => Try(_ => true)),
        ["tun"] = new(() => File.Exists("/dev/net/tun") && Try(space =>
        {
            Tun.Open(space).Dispose();
            return true;
        })),
        ["veth"] = new(() => Try(space =>
            Command.Succeeds("ip", "-n", space.Name, "link", "add", "v0", "type", "veth", "peer", "name", "v1"))),
        ["nft"] = new(() => Try(space => Command.Succeeds("ip", [.. space.Wrapper[1..], "nft", "add", "table", "ip", "probe"]))),
        ["conntrack"] = new(() => Try(space => Command.Succeeds("ip", [.. space.Wrapper[1..], "conntrack", "-L"]))),
    };

    /// <summary>The first of <paramref name="needed"/> that is missing here, after Linux and root; null when all are there.</summary>
    public static string? Missing(params string[] needed) => Array.Find(["linux", "root", .. needed], name => !Known[name].Value);

    private static bool Try(Func<NetworkNamespace, bool> attempt)
    {
        try
        {
            using var space = new NetworkNamespace("probe");
            return attempt(space);
        }
        catch (Exception error) when (error is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}

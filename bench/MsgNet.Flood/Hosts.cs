using MsgNet.Platform;

namespace MsgNet.Flood;

/// <summary>Starts the hosts of this program.</summary>
internal static class Hosts
{
    /// <summary>A host that others can dial at <paramref name="listen"/>, if that is not empty.</summary>
    public static ValueTask<MessageHost> Start(IHostPlatform platform, params string[] listen)
    {
        var options = new MsgNetOptions();
        foreach (var address in listen)
            options.Listen.Add(address);
        return MessageHost.Start(platform, options, MessageHost.DefaultTransports, null, CancellationToken.None);
    }

    /// <summary>A host that knows where <paramref name="server"/> is.</summary>
    public static async Task<MessageHost> StartClient(
        PeerId server, Multiaddress address, IHostPlatform platform, params string[] listen)
    {
        var host = await Start(platform, listen);
        host.Network.Peerstore.AddAddress(server, address);
        return host;
    }
}

using MsgNet.Platform;

namespace MsgNet.Flood;

/// <summary>The process that is watched: one host that answers each request with its own bytes.</summary>
internal static class Responder
{
    public const string Role = "respond";
    public const string LossyRole = "respond-lossy";

    public static readonly ProtocolId Protocol = new("/flood/1.0.0");

    /// <summary>
    /// Starts the host, whose every twentieth datagram is lost when it is <paramref name="lossy"/>, and prints its address. Then answers
    /// each line of standard input with its <see cref="RuntimeUse"/>, and ends with the input.
    /// </summary>
    public static async Task Run(bool lossy)
    {
        await using var host = await Hosts.Start(lossy ? LossyPlatform.Instance : SystemPlatform.Instance, "/ip4/127.0.0.1/udp/0");
        host.SetMessageHandler(Protocol, static (message, cancellationToken) => message.Reply(message.Data, cancellationToken));
        Console.WriteLine(host.Addresses[0]);
        while (await Console.In.ReadLineAsync() is not null)
            Console.WriteLine(RuntimeUse.Now());
    }
}

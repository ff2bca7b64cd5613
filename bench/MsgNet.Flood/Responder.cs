namespace MsgNet.Flood;

/// <summary>The process under attack: one host that answers each request with its own bytes.</summary>
internal static class Responder
{
    public const string Role = "respond";

    public static readonly ProtocolId Protocol = new("/flood/1.0.0");

    /// <summary>Prints the host's address and runs until standard input ends.</summary>
    public static async Task Run()
    {
        await using var host = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        Answer(host);
        Console.WriteLine(host.Addresses[0]);
        while (await Console.In.ReadLineAsync() is not null)
            continue;
    }

    /// <summary>Makes a host answer.</summary>
    public static void Answer(IMessageHost host) => host.SetMessageHandler(
        Protocol, static (message, cancellationToken) => message.Reply(message.Data, cancellationToken));
}

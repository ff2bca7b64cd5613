// Terminal 1: dotnet run --project samples/hello listen
// Terminal 2: dotnet run --project samples/hello send ADDRESS        (one of those terminal 1 printed)
using System.Text;
using MsgNet;

switch (args)
{
    case ["listen"]:
        await Listen();
        return 0;
    case ["send", var text] when Multiaddress.TryParse(text, out var address):
        await Send(address);
        return 0;
    default:
        Console.Error.WriteLine("hello listen | hello send ADDRESS, such as /ip4/127.0.0.1/udp/4001/p2p/12D3Koo…");
        return 2;
}

static async Task Listen()
{
    #region listen
    await using var host = await MessageHost.Start("/ip4/0.0.0.0/udp/0");
    Console.WriteLine(string.Join('\n', host.Addresses));
    await foreach (var message in host.ReceiveMessages("/hello/1.0.0"))
        Console.WriteLine($"{message.From} says {Encoding.UTF8.GetString(message.Data.Span)}");
    #endregion
}

static async Task Send(Multiaddress address)
{
    #region send
    await using var host = await MessageHost.Start();
    if (address.TryGetPeerId(out var peer))
        host.Network.Peerstore.AddAddress(peer, address);
    await host.SendMessage(peer, "/hello/1.0.0", "hello, world"u8);
    #endregion
}

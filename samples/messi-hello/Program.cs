// dotnet run --project samples/messi-hello            server and client in one program, over TCP
// dotnet run --project samples/messi-hello msgnet     the same over streams between two hosts, sealed
using MessiHello;
using MsgNet;

switch (args)
{
    case []:
        await OverTcp();
        return 0;
    case ["msgnet"]:
        await OverMsgNet();
        return 0;
    default:
        Console.Error.WriteLine("messi-hello [msgnet]");
        return 2;
}

static async Task OverTcp()
{
    #region hello
    await using var server = new HelloServer("tcp://127.0.0.1:0");
    server.OnHelloReq = (from, request, cancellation) => from.Reply(new HelloRsp { Text = $"hello, {request.Name}" }, cancellation);
    await server.Start();

    await using var client = new HelloClient(server.Address!);
    client.Start();
    await client.WaitForConnection();
    var response = await client.Hello(new HelloReq { Name = "world" });
    #endregion
    Console.WriteLine(response.Text);
}

static async Task OverMsgNet()
{
    await using var listening = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
    await using var server = new HelloServer(listening);
    server.OnHelloReq = (from, request, cancellation) =>
        from.Reply(new HelloRsp { Text = $"hello, {request.Name}, which is {from.RemotePeer}" }, cancellation);
    await server.Start();

    await using var dialling = await MessageHost.Start();
    dialling.Network.Peerstore.AddAddress(listening.Id, listening.Addresses[0]);
    await using var client = new HelloClient(dialling, listening.Id);
    client.Start();
    await client.WaitForConnection();
    Console.WriteLine((await client.Hello(new HelloReq { Name = "world" })).Text);
}

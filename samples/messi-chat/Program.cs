// Terminal 1: dotnet run --project samples/messi-chat server tcp://127.0.0.1:6000
// Terminal 2: dotnet run --project samples/messi-chat client tcp://127.0.0.1:6000 Erik      (what you type goes to all)
// Chats of the original project join the server as they are; to its servers: client 'tcp://127.0.0.1:6000?wire=compact' Erik
using System.Net.Sockets;
using MessiChat;

try
{
    await (args switch
    {
        ["server", var uri] => Serve(uri),
        ["client", var uri, var user] => Join(uri, user),
        _ => throw new FormatException("messi-chat server URI | messi-chat client URI USER, such as tcp://127.0.0.1:6000"),
    });
    return 0;
}
catch (Exception exception) when (exception is FormatException or SocketException)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}

static async Task Serve(string uri)
{
    await using var server = new ChatServer(uri);
    server.OnConnected = (_, _) => Say($"Number of connected clients: {server.Connections.Count}");
    server.OnDisconnected = (_, _) => Say($"Number of connected clients: {server.Connections.Count}");
    server.OnConnectReq = async (client, request, cancellation) =>
    {
        await Say($"Client <{request.User}> connected.");
        await client.Reply(new ConnectRsp(), cancellation);
    };
    server.OnMessageInd = (_, message, _) => { server.Broadcast(message); return default; };
    await server.Start();
    await Say($"Server started.\nListening on {server.Address}");
    await Task.Delay(Timeout.Infinite);
}

static async Task Join(string uri, string user)
{
    await using var client = new ChatClient(uri);
    client.OnConnected = async cancellation =>
    {
        await Say("Connected to the server.");
        await client.Send(new ConnectReq { User = user }, cancellation);
    };
    client.OnDisconnected = disconnect => Say($"Disconnected from the server (reason: {disconnect}).");
    client.OnConnectFailed = async failure => { await Say($"No connection: {failure.Exception.Message}"); return failure.Delay; };
    client.OnMessageInd = (message, _) => Say($"<{message.User}> {message.Text}");
    client.Start();
    while (await Console.In.ReadLineAsync() is { } line)
        if (!client.TrySend(new MessageInd { User = user, Text = line }))
            await Say("Not sent: not connected.");
}

static ValueTask Say(string text)
{
    Console.WriteLine(text);
    return default;
}

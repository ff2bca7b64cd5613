// Terminal 1: dotnet run -c Release --project samples/send-file -- receive
// Terminal 2: dotnet run -c Release --project samples/send-file -- send ADDRESS [FILE]      (without a file: 100 MB of made-up bytes)
using MsgNet;
using SendFile;
using Spectre.Console;

try
{
    return args switch
    {
        ["receive"] => await Receive("/ip4/0.0.0.0/udp/0"),
        ["receive", "--listen", var text] when Multiaddress.TryParse(text, out var listen) => await Receive(listen),
        ["send", var text, .. var file] when file.Length < 2 && Multiaddress.TryParse(text, out var to) && to.TryGetPeerId(out var peer) =>
            await Send(peer, to, file is [var path] ? File.OpenRead(path) : Transfer.MakeUp(100_000_000)),
        _ => Transfer.Fail("send-file receive [--listen ADDRESS] | send-file send ADDRESS [FILE]"),
    };
}
catch (Exception error) when (error is IOException or UnauthorizedAccessException or MsgNetException)
{
    return Transfer.Fail(error.Message);
}

static async Task<int> Receive(Multiaddress listen)
{
    await using var host = await MessageHost.Start(listen);
    var brokenOff = new TaskCompletionSource<string>();
    host.SetStreamHandler(Transfer.Protocol, async (stream, from, cancellation) =>
    {
        if (await Transfer.Receive(stream, from, cancellation) is { } why)
            brokenOff.TrySetResult(why);
    });
    Console.WriteLine(string.Join('\n', host.Addresses));
    return Transfer.Fail(await brokenOff.Task);
}

static async Task<int> Send(PeerId peer, Multiaddress address, Stream file)
{
    using var data = file;
    await using var host = await MessageHost.Start();
    host.Network.Peerstore.AddAddress(peer, address);
    await using var stream = (MessageStream)await host.OpenStream(peer, Transfer.Protocol);
    var hash = await AnsiConsole.Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new TransferSpeedColumn())
        .StartAsync(async progress =>
        {
            var bar = progress.AddTask("sending", maxValue: data.Length);
            return (await Transfer.Copy(data, stream, bar.Increment, CancellationToken.None)).Hash;
        });
    stream.CompleteWrites();

    // The peer's answer comes when it has read everything.
    var theirs = new byte[hash.Length];
    await stream.ReadExactlyAsync(theirs);
    var isSame = hash.AsSpan().SequenceEqual(theirs);
    Console.WriteLine($"{data.Length} bytes sent, SHA-256 {Convert.ToHexStringLower(hash)}: {(isSame ? "verified" : "NOT what arrived")}");
    return isSame ? 0 : 1;
}

// Two hosts in one process: one answers requests, one asks and measures.
using System.Diagnostics;
using System.Text;
using MsgNet;

const int Requests = 1_000;
ProtocolId upper = "/sample/upper/1.0.0";

await using var server = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
server.SetRequestHandler(upper, (request, _) =>
{
    var text = Encoding.UTF8.GetString(request.Data.Span);
    return ValueTask.FromResult<ReadOnlyMemory<byte>>(Encoding.UTF8.GetBytes(text.ToUpperInvariant()));
});

await using var client = await MessageHost.Start();
client.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);

var question = "what is in a name?"u8.ToArray();
var (answer, first) = await Ask();
Console.WriteLine($"{answer} ({first.TotalMilliseconds:F1} ms, the handshake included)");

var times = new List<TimeSpan>(Requests);
for (var i = 0; i < Requests; i++)
    times.Add((await Ask()).Time);

times.Sort();
Console.WriteLine(
    $"{Requests} requests: median {Micros(times[Requests / 2])} µs, 99th percentile {Micros(times[Requests * 99 / 100])} µs");

try
{
    await client.Request(server.Id, "/sample/nobody/1.0.0", question);
    return 1;
}
catch (RequestFailedException refused) when (refused.Status == RequestStatus.ProtocolNotSupported)
{
    Console.WriteLine(refused.Message);
}

return answer == "WHAT IS IN A NAME?" ? 0 : 1;

async Task<(string Answer, TimeSpan Time)> Ask()
{
    var start = Stopwatch.GetTimestamp();
    var reply = await client.Request(server.Id, upper, question);
    return (Encoding.UTF8.GetString(reply.Data.Span), Stopwatch.GetElapsedTime(start));
}

static int Micros(TimeSpan time) => (int)time.TotalMicroseconds;

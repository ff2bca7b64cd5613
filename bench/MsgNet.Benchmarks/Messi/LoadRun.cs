using System.Diagnostics;
using Google.Protobuf;

namespace MsgNet.Benchmarks.Loads;

/// <summary>One run of one case over one transport.</summary>
internal sealed class LoadRun
{
    /// <summary>Connections get their buffers in it: a thousand need some time until each was behind once.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(500), WarmUpOfMany = TimeSpan.FromSeconds(2);

    private readonly ServerHandle server;
    private readonly Transport transport;
    private readonly LoadCase what;
    private readonly IBenchClient[] clients;
    private readonly LatencyHistogram[] histograms;
    private readonly Tally tally = new();
    private readonly List<Task> senders = [];
    private long broadcasts;
    private volatile bool isMeasuring;
    private volatile bool isStopped;

    private LoadRun(ServerHandle server, Transport transport, LoadCase what)
    {
        this.server = server;
        this.transport = transport;
        this.what = what;
        clients = new IBenchClient[what.Clients];
        histograms = new LatencyHistogram[what.Clients];
    }

    public static async Task<LoadSample> Measure(ServerHandle server, Transport transport, LoadCase what, TimeSpan time)
    {
        var run = new LoadRun(server, transport, what);
        await run.Connect();
        run.Start();
        await Task.Delay(what.Pattern == LoadPattern.Broadcast ? WarmUpOfMany : WarmUp);
        run.isMeasuring = true;
        var (serverStart, start) = await run.Stats();
        await Task.Delay(time);
        var (serverEnd, end) = await run.Stats();
        run.isMeasuring = false;
        await run.Stop();
        return run.Evaluate(serverEnd - serverStart, end - start);
    }

    private async Task Connect()
    {
        var port = server.PortOf(transport);
        for (var i = 0; i < clients.Length; i++)
        {
            clients[i] = transport == Transport.Messi ? new MessiBenchClient(port) : new TcpBenchClient(port);
            histograms[i] = new LatencyHistogram();
        }

        await Task.WhenAll(clients.Select(Connect));
    }

    /// <summary>Connects, and waits until the server knows it.</summary>
    private async Task Connect(IBenchClient client)
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        client.OnEcho = _ =>
        {
            answered.SetResult();
            return default;
        };
        await client.Connect();
        await client.Send(new EchoInd());
        await answered.Task;
    }

    private void Start()
    {
        for (var i = 0; i < clients.Length; i++)
        {
            var (client, histogram) = (clients[i], histograms[i]);
            switch (what.Pattern)
            {
                case LoadPattern.ToServer:
                    senders.Add(Task.Run(() => Send(client)));
                    break;
                case LoadPattern.Echo:
                    StartEcho(client, histogram);
                    break;
                case LoadPattern.ToClient:
                    client.OnLoad = tally.Add().Increment;
                    break;
                case LoadPattern.Broadcast:
                    StartReceiving(client);
                    break;
            }
        }

        if (what.Pattern == LoadPattern.ToClient)
            server.Tell($"flood {transport} {what.Size}");
        else if (what.Pattern == LoadPattern.Broadcast)
            server.Tell($"broadcast {transport} {what.Size}");
    }

    private async Task Send(IBenchClient client)
    {
        var message = new LoadInd { Payload = Payload() };
        while (!isStopped)
        {
            message.Number++;
            await client.Send(message);
        }
    }

    private void StartEcho(IBenchClient client, LatencyHistogram histogram)
    {
        var cell = tally.Add();
        var sent = Stopwatch.GetTimestamp();
        var ended = new TaskCompletionSource();
        senders.Add(ended.Task);
        client.OnEcho = message =>
        {
            var now = Stopwatch.GetTimestamp();
            cell.Increment();
            if (isMeasuring)
                histogram.Record((long)(Stopwatch.GetElapsedTime(sent, now).TotalMicroseconds * 1000));
            if (isStopped)
            {
                ended.SetResult();
                return default;
            }

            sent = Stopwatch.GetTimestamp();
            return client.Send(message);
        };
        _ = client.Send(new EchoInd { Payload = Payload() });
    }

    private void StartReceiving(IBenchClient client)
    {
        var cell = tally.Add();
        var each = (long)clients.Length * ServerProcess.PerAcknowledgement;
        client.OnLoad = () =>
        {
            cell.Increment();
            if (Interlocked.Increment(ref broadcasts) % each == 0)
                server.Tell("ack");
        };
    }

    private async Task<(ProcessStats Server, ProcessStats Client)> Stats()
        => (await server.Stats(transport), ProcessStats.Take(tally.Sum));

    private async Task Stop()
    {
        isStopped = true;
        await Task.WhenAll(senders);
        if (what.Pattern is LoadPattern.ToClient or LoadPattern.Broadcast)
            await server.Ask("stop");
        await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
    }

    private LoadSample Evaluate(ProcessStats serverUse, ProcessStats clientUse)
    {
        var receiver = what.Pattern == LoadPattern.ToServer ? serverUse : clientUse;
        var messages = (double)receiver.Messages;
        if (messages == 0)
            throw new InvalidOperationException($"Nothing came over {transport} of {what}.");

        var times = new LatencyHistogram();
        foreach (var histogram in histograms)
            times.Add(histogram);
        // An echo is read at both ends.
        var objects = ObjectSize() * (what.Pattern == LoadPattern.Echo ? 2 : 1);
        return new LoadSample(
            messages / receiver.Time.TotalSeconds,
            (serverUse.Cpu + clientUse.Cpu).TotalNanoseconds / messages,
            ((serverUse.Allocated + clientUse.Allocated) / messages) - objects,
            times.Quantile(0.5) / 1000.0,
            times.Quantile(0.99) / 1000.0);
    }

    private ByteString Payload() => ByteString.CopyFrom(new byte[what.Size]);

    /// <summary>Bytes that Google's parser allocates for one message.</summary>
    private long ObjectSize()
    {
        var bytes = new ClientToServer { LoadInd = new LoadInd { Number = 1, Payload = Payload() } }.ToByteArray();
        var least = long.MaxValue;
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            ClientToServer.Parser.ParseFrom(bytes.AsSpan());
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}

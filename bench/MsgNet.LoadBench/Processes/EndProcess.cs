using System.Text.Json;
using MsgNet.LoadBench.Contestants;

namespace MsgNet.LoadBench.Processes;

/// <summary>The process of one end of a contestant: it does what the lines of its input say, until that ends.</summary>
internal sealed class EndProcess
{
    public const string Role = "end";

    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);
    private readonly RoundTrips times = new();
    private IListener? listener;
    private ICaller? caller;
    private CancellationTokenSource stop = new();
    private Task sending = Task.CompletedTask;

    /// <summary>
    /// Runs on the calling thread, and blocks it: with one core the pool has one thread, which what is measured may need.
    /// </summary>
    public static void Run(TextReader input, TextWriter output)
    {
        var process = new EndProcess();
        while (input.ReadLine() is { } line)
        {
            var answer = process.Answer(JsonSerializer.Deserialize<Order>(line, Wire.Json)!).GetAwaiter().GetResult();
            output.WriteLine(JsonSerializer.Serialize(answer, Wire.Json));
            output.Flush();
        }
    }

    private async Task<Answer> Answer(Order order)
    {
        try
        {
            return await Do(order);
        }
        catch (Exception error)
        {
            return new Answer { Error = $"{order.Kind}: {error.Message}" };
        }
    }

    private async Task<Answer> Do(Order order)
    {
        switch (order.Kind)
        {
            case OrderKind.Listen:
                listener = await Roster.Find(order.Contestant).Listen(order.Work!);
                return new Answer { Target = listener.Target };
            case OrderKind.Connect:
                caller = await Roster.Find(order.Contestant).Connect(order.Work!, order.Target!);
                return new Answer();
            case OrderKind.Send:
                stop = new CancellationTokenSource();
                sending = OnItsOwnThread(token => caller!.Send(token), stop.Token);
                return new Answer();
            case OrderKind.Mark when sending.IsFaulted:
                await sending;
                return new Answer();
            case OrderKind.Mark:
                return new Answer { Mark = Mark.Take(caller?.Sent ?? listener?.Received ?? 0) };
            case OrderKind.Ask:
                return new Answer { Times = await Ask(TimeSpan.FromSeconds(order.Seconds)) };
            case OrderKind.Stop:
                await Stop();
                return new Answer();
            default:
                await Close();
                return new Answer();
        }
    }

    private static Task OnItsOwnThread(Func<CancellationToken, Task> work, CancellationToken stop) => Task.Factory.StartNew(
        () => work(stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    private async Task<RoundTripTimes> Ask(TimeSpan time)
    {
        times.Clear();
        stop = new CancellationTokenSource(time);
        await OnItsOwnThread(token => caller!.Ask(times, token), stop.Token).WaitAsync(time + StopPatience);
        return new RoundTripTimes(
            times.Count, times.QuantileMicroseconds(0.5), times.QuantileMicroseconds(0.99), times.QuantileMicroseconds(0.999));
    }

    private async Task Stop()
    {
        await stop.CancelAsync();
        await sending.WaitAsync(StopPatience);
    }

    private async Task Close()
    {
        if (caller is not null)
            await caller.DisposeAsync();
        if (listener is not null)
            await listener.DisposeAsync();
        (caller, listener) = (null, null);
        // What the last measurement left is not collected in the next one.
        GC.Collect();
    }
}

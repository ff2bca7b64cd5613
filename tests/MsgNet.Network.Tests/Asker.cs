using System.Diagnostics;

namespace MsgNet.NetworkTests;

/// <summary>A process of the command line, somewhere in a network, that makes one request after the other, all the time.</summary>
internal sealed class Asker : IAsyncDisposable
{
    public const string Protocol = "/t/1";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Msgnet process;
    private volatile bool ending;
    private int answered;
    private int failed;

    private Asker(Msgnet process)
    {
        this.process = process;
        Asking = Task.Factory.StartNew(Ask, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Replies so far.</summary>
    public int Answered => Volatile.Read(ref answered);

    /// <summary>Requests so far that were given up after 10 s, and made anew.</summary>
    public int Failed => Volatile.Read(ref failed);

    private Task Asking { get; }

    /// <summary>Starts to make requests to <paramref name="address"/>, until <see cref="End"/>.</summary>
    public static Asker Start(NetworkNamespace space, string address) => new(Msgnet.StartUnder(
        space.Wrapper, "send", address, Protocol, "-", "--request", "--timeout", "10s", "--json"));

    /// <summary>Starts a process that answers each request with its own bytes, and lists what it got.</summary>
    public static Msgnet StartListener(NetworkNamespace space, string listen = "/ip4/0.0.0.0/udp/4001") => Msgnet.StartUnder(
        space.Wrapper, "listen", "--protocol", Protocol, "--echo", "--listen", listen, "--json");

    /// <summary>Ends the listener and returns the texts it got, with their senders.</summary>
    public static async Task<(string From, string Text)[]> EndListener(Msgnet listener)
    {
        listener.Interrupt();
        var heard = (await listener.End()).Expect(0);
        return
        [
            .. from line in heard.Events
               where line.Text("event") == "message"
               select (line.Text("from"), line.Text("text")),
        ];
    }

    /// <summary>Waits for so many more replies.</summary>
    public async Task Progress(int replies)
    {
        var (start, target) = (Stopwatch.GetTimestamp(), Answered + replies);
        while (Answered < target)
        {
            if (Asking.IsCompleted)
                await Asking;
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, $"Only {Answered} of {target} replies came: {process.Errors}");
            await Task.Delay(TimeSpan.FromMilliseconds(1));
        }
    }

    /// <summary>Makes no further request, and ends the process, which must agree about the number of replies.</summary>
    public async Task End()
    {
        ending = true;
        await Asking;
        process.Input.Close();
        var sent = (await process.End()).Expect(Failed == 0 ? 0 : 1).Single("sent");
        Assert.Equal(Answered + Failed, sent.Number("count"));
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();

    private void Ask()
    {
        while (!ending)
        {
            var text = $"request {answered}.{failed}";
            process.Input.WriteLine(text);
            process.Input.Flush();
            var line = process.ReadEvent();
            if (line.Text("event") == "reply")
            {
                Assert.Equal(text, line.Text("text"));
                Interlocked.Increment(ref answered);
            }
            else
            {
                Interlocked.Increment(ref failed);
            }
        }
    }
}

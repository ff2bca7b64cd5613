using System.Diagnostics;

namespace MsgNet.Tests;

/// <summary>Two hosts over loopback, and what a message between them costs in garbage, on both sides and on every thread.</summary>
internal sealed class AllocationRig(MessageHost server, MessageHost client) : IAsyncDisposable
{
    public const int Messages = 20_000;
    private const int AttemptsMax = 25;

    // Below what a handler's queue takes, so that a slow machine drops nothing; above what a peer's queue takes at 1,200 bytes, so that
    // senders wait.
    private const int Window = 200;
    private static readonly TimeSpan StandstillMax = TimeSpan.FromSeconds(1);

    // What the runtime itself allocates now and then (threads of the pool, tiering) stays below this on a busy machine too; an object per
    // message is 24 at least. That the machines themselves allocate exactly nothing is proven without threads, in the core's tests.
    private const double BytesPerMessageMax = 8;
    private static readonly ProtocolId Protocol = "/allocations/1.0.0";
    private long received;

    public static async Task<AllocationRig> Start()
    {
        var server = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        var client = await MessageHost.Start();
        client.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);
        return new AllocationRig(server, client);
    }

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        await server.DisposeAsync();
    }

    public void SetHandler(bool inline) => server.SetMessageHandler(
        Protocol,
        (_, _) =>
        {
            Interlocked.Increment(ref received);
            return ValueTask.CompletedTask;
        },
        new HandlerOptions { Inline = inline });

    public ValueTask Send(byte[] data, SendOptions options) => client.SendMessage(server.Id, Protocol, data, options);

    public ISocketSession OpenSession(SendOptions options) => client.OpenSession(server.Id, Protocol, options);

    /// <summary>As the other, for one message.</summary>
    public Task AssertAllocatesNothing(Func<ValueTask> send, int arriveMin) => AssertAllocatesNothing(send, arriveMin, count: 1);

    /// <summary>
    /// A true excess repeats itself; what the runtime does once does not, nor the buffers of what is under way at once for the first time.
    /// </summary>
    /// <param name="send">Sends messages.</param>
    /// <param name="arriveMin">Messages that must arrive: a pipe that carries nothing would allocate nothing.</param>
    /// <param name="count">How many it sends.</param>
    public async Task AssertAllocatesNothing(Func<ValueTask> send, int arriveMin, int count)
    {
        await Send(send, count);
        var least = double.MaxValue;
        for (var attempt = 0; attempt < AttemptsMax && least >= BytesPerMessageMax; attempt++)
        {
            var arrived = Volatile.Read(ref received);
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await Send(send, count);
            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Messages);
            Assert.InRange(Volatile.Read(ref received) - arrived, arriveMin, Messages + Window);
        }

        Assert.True(least < BytesPerMessageMax, $"{least:F2} bytes allocated per message.");
    }

    private async Task Send(Func<ValueTask> send, int count)
    {
        var expected = Volatile.Read(ref received);
        for (var i = count; i <= Messages; i += count)
        {
            await send();
            expected += count;
            if (i % Window != 0)
                continue;

            WaitFor(expected);

            // What has not come by now is lost.
            expected = Volatile.Read(ref received);
        }
    }

    // Sleeps, so that a busy machine's receive thread gets the processor, and allocates nothing; gives up when nothing arrives any more.
    private void WaitFor(long expected)
    {
        var last = Volatile.Read(ref received);
        var since = Stopwatch.GetTimestamp();
        while (last < expected && Stopwatch.GetElapsedTime(since) < StandstillMax)
        {
            Thread.Sleep(last == Volatile.Read(ref received) ? 1 : 0);
            if (Volatile.Read(ref received) == last)
                continue;

            last = Volatile.Read(ref received);
            since = Stopwatch.GetTimestamp();
        }
    }
}

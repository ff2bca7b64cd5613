using System.Diagnostics;
using MsgNet.Testing;

namespace MsgNet.Tests.Udp;

/// <summary>
/// What a message costs in garbage, on both sides of loopback and on every thread, from the call that sends it to the handler.
/// </summary>
[Collection(nameof(WholeProcess))]
[Covers("API-102")]
public sealed class UdpAllocationTests : IAsyncLifetime
{
    private const int Messages = 20_000;
    private const int AttemptsMax = 3;

    // Below what a handler's queue takes, so that a slow machine drops nothing; above what a peer's queue takes at 1,200 bytes, so that
    // senders wait.
    private const int Window = 200;
    private static readonly TimeSpan StandstillMax = TimeSpan.FromSeconds(1);

    // What the runtime itself allocates now and then (threads of the pool, tiering) stays below this on a busy machine too; an object per
    // message is 24 at least. That the machines themselves allocate exactly nothing is proven without threads, in the core's tests.
    private const double BytesPerMessageMax = 8;
    private static readonly ProtocolId Protocol = "/allocations/1.0.0";
    private MessageHost server = null!;
    private MessageHost client = null!;
    private long received;

    public async Task InitializeAsync()
    {
        server = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        client = await MessageHost.Start();
        client.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);
    }

    public async Task DisposeAsync()
    {
        await client.DisposeAsync();
        await server.DisposeAsync();
    }

    [Theory]
    [InlineData(32, true)]
    [InlineData(256, true)]
    [InlineData(1_200, true)]
    [InlineData(32, false)]
    [InlineData(256, false)]
    [InlineData(1_200, false)]
    [InlineData(4_000, true)]
    public async Task Host_messages_allocate_nothing(int size, bool inline)
    {
        SetHandler(inline);
        var data = new byte[size];
        await AssertAllocatesNothing(() => client.SendMessage(server.Id, Protocol, data));
    }

    [Theory]
    [InlineData(32, true)]
    [InlineData(1_200, true)]
    [InlineData(1_200, false)]
    public async Task Session_messages_allocate_nothing(int size, bool inline)
    {
        SetHandler(inline);
        var data = new byte[size];
        await using var session = client.OpenSession(server.Id, Protocol, SendOptions.Unreliable);
        await AssertAllocatesNothing(() => session.TrySend(data) ? ValueTask.CompletedTask : session.SendMessage(data));
    }

    private void SetHandler(bool inline) => server.SetMessageHandler(
        Protocol,
        (_, _) =>
        {
            Interlocked.Increment(ref received);
            return ValueTask.CompletedTask;
        },
        new HandlerOptions { Inline = inline });

    /// <summary>A true excess repeats itself; what the runtime does once does not.</summary>
    private async Task AssertAllocatesNothing(Func<ValueTask> send)
    {
        await Send(send);
        var least = double.MaxValue;
        for (var attempt = 0; attempt < AttemptsMax && least >= BytesPerMessageMax; attempt++)
        {
            var arrived = Volatile.Read(ref received);
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await Send(send);
            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Messages);

            // Loopback may lose some when the machine is busy; but a pipe that carries nothing would allocate nothing.
            Assert.InRange(Volatile.Read(ref received) - arrived, Messages / 2, Messages + Window);
        }

        Assert.True(least < BytesPerMessageMax, $"{least:F2} bytes allocated per message.");
    }

    private async Task Send(Func<ValueTask> send)
    {
        var expected = Volatile.Read(ref received);
        for (var i = 1; i <= Messages; i++)
        {
            await send();
            expected++;
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

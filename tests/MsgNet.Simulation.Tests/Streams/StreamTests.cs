using MsgNet.Core;
using MsgNet.Simulation.Tests.Attack;
using MsgNet.Testing;

namespace MsgNet.Simulation.Tests.Streams;

/// <summary>Streams of the real stack over bad networks.</summary>
public sealed class StreamTests
{
    private static readonly ProtocolId Echo = "/echo/1.0";

    /// <summary>Both ends write pieces of any size and read into buffers of any size; every byte comes once, in its place.</summary>
    [Fact]
    [Covers("API-172")]
    public void Every_byte_once_and_in_order_over_any_network()
    {
        foreach (var seed in SeedList.Of(200))
        {
            var random = new SeededRandom(seed);
            var simulation = new Simulation(seed);
            simulation.Network.Default = new LinkOptions
            {
                Delay = TimeSpan.FromMilliseconds(random.NextInt32(0, 60)),
                Jitter = TimeSpan.FromMilliseconds(random.NextInt32(0, 20)),
                Loss = random.NextInt32(0, 21) / 100.0,
                Duplicate = random.NextInt32(0, 31) / 100.0,
                Reorder = random.NextInt32(0, 31) / 100.0,
            };
            var (a, b) = (simulation.AddHost(), simulation.AddHost());
            simulation.Introduce();
            var (there, back) = (Bytes(random, 60_000), Bytes(random, 60_000));
            var received = new byte[2][];
            b.Host.SetStreamHandler(Echo, async (stream, _, _) =>
            {
                var reading = ReadAll(stream, new SeededRandom(seed + 1));
                await WriteAll((MessageStream)stream, back, new SeededRandom(seed + 2));
                received[1] = await reading;
            });
            simulation.Run(async () =>
            {
                await using var stream = (MessageStream)await a.Host.OpenStream(b.Id, Echo);
                var reading = ReadAll(stream, new SeededRandom(seed + 3));
                await WriteAll(stream, there, new SeededRandom(seed + 4));
                received[0] = await reading;
                await stream.Completion;
            });
            Assert.True(received[0].AsSpan().SequenceEqual(back), $"what came back differs: {simulation}");
            Assert.True(received[1].AsSpan().SequenceEqual(there), $"what came there differs: {simulation}");
        }
    }

    /// <summary>A stream that fills the link leaves messages and requests to the same peer their turn.</summary>
    [Fact]
    public void Messages_are_not_starved_by_a_stream()
    {
        var simulation = new Simulation(7);
        simulation.Network.Default = new LinkOptions { Delay = TimeSpan.FromMilliseconds(20), Rate = 1_250_000 };
        var (a, b) = (simulation.AddHost(), simulation.AddHost());
        simulation.Introduce();
        b.Host.SetStreamHandler(Echo, async (stream, _, cancellationToken) => await stream.CopyToAsync(Stream.Null, cancellationToken));
        b.Host.SetRequestHandler("/ask/1.0", (_, _) => ValueTask.FromResult<ReadOnlyMemory<byte>>(new byte[1]));
        var arrived = new List<TimeSpan>();
        b.Host.SetMessageHandler("/order/1.0", _ => arrived.Add(simulation.Now));
        var worst = TimeSpan.Zero;
        simulation.Run(async () =>
        {
            await using var stream = await a.Host.OpenStream(b.Id, Echo);
            var writing = stream.WriteAsync(new byte[12_500_000]).AsTask();
            var sent = new List<TimeSpan>();
            await simulation.Delay(TimeSpan.FromSeconds(1));
            for (var i = 0; i < 40; i++)
            {
                var start = simulation.Now;
                await a.Host.Request(b.Id, "/ask/1.0", new byte[10]);
                worst = Max(worst, simulation.Now - start);
                sent.Add(simulation.Now);
                await a.Host.SendMessage(b.Id, "/order/1.0", new byte[100], SendOptions.Ordered with { WaitForDelivery = true });
                worst = Max(worst, arrived[i] - sent[i]);
                await simulation.Delay(TimeSpan.FromMilliseconds(10));
            }

            // The link was full all the time: it takes ten seconds.
            Assert.False(writing.IsCompleted);
            Assert.InRange(simulation.Now, TimeSpan.Zero, TimeSpan.FromSeconds(10));
            await writing;
        });

        // A round trip is 40 ms; what stands before a message in queues on the way adds to it.
        Assert.InRange(worst, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(150));
    }

    [Fact]
    [Covers("API-173")]
    public void A_stream_that_is_not_read_stops_its_writer_and_nobody_else()
    {
        var simulation = new Simulation(8);
        simulation.Network.Default = new LinkOptions { Delay = TimeSpan.FromMilliseconds(10) };
        var (a, b) = (simulation.AddHost(), simulation.AddHost());
        simulation.Introduce();
        var read = new TaskCompletionSource();
        var total = 0L;
        b.Host.SetStreamHandler(Echo, async (stream, _, cancellationToken) =>
        {
            await read.Task;
            var buffer = new byte[10_000];
            while (await stream.ReadAsync(buffer, cancellationToken) is var count and > 0)
                total += count;
        });
        b.Host.SetStreamHandler("/quick/1.0", async (stream, _, cancellationToken) => await stream.CopyToAsync(stream, cancellationToken));
        simulation.Run(async () =>
        {
            await using var stuck = (MessageStream)await a.Host.OpenStream(b.Id, Echo);
            var accepted = 0L;
            var writing = Task.CompletedTask;
            while (true)
            {
                writing = stuck.WriteAsync(new byte[10_000]).AsTask();
                if (await Task.WhenAny(writing, simulation.Delay(TimeSpan.FromSeconds(5))) != writing)
                    break;
                accepted += 10_000;
            }

            // The send buffer, and what the first windows let through; a reader that never reads earns no larger one.
            Assert.InRange(accepted, 200_000, 400_000);
            await using var quick = (MessageStream)await a.Host.OpenStream(b.Id, "/quick/1.0");
            await quick.WriteAsync(new byte[100_000]);
            quick.CompleteWrites();
            var echoed = 0;
            while (await quick.ReadAsync(new byte[5000]) is var count and > 0)
                echoed += count;
            Assert.Equal(100_000, echoed);
            Assert.False(writing.IsCompleted);

            read.SetResult();
            await writing;
            stuck.CompleteWrites();
            await stuck.Completion;
            Assert.Equal(accepted + 10_000, total);
        });
    }

    [Fact]
    [Covers("API-181")]
    public void A_host_that_closes_waits_for_readers_as_long_as_it_was_told()
    {
        var simulation = new Simulation(13);
        simulation.Network.Default = new LinkOptions { Delay = TimeSpan.FromMilliseconds(10) };
        var (a, b) = (simulation.AddHost(), simulation.AddHost());
        simulation.Introduce();
        Task? farEnd = null;
        b.Host.SetStreamHandler(Echo, async (stream, _, _) =>
        {
            farEnd = ((MessageStream)stream).Completion;
            await farEnd;
        });
        simulation.Run(async () =>
        {
            await using var stream = (MessageStream)await a.Host.OpenStream(b.Id, Echo);
            await stream.WriteAsync(new byte[100_000]);
            await simulation.Delay(TimeSpan.FromSeconds(1));
            var start = simulation.Now;
            await a.Host.Close(TimeSpan.FromSeconds(2));
            Assert.Equal(TimeSpan.FromSeconds(2), simulation.Now - start);
            var near = await Assert.ThrowsAsync<SessionLostException>(() => stream.Completion);
            var far = await Assert.ThrowsAsync<SessionLostException>(() => farEnd!);
            Assert.Equal((PeerLoss.ClosedLocally, PeerLoss.ClosedByPeer), (near.Reason, far.Reason));
        });
    }

    [Fact]
    [Covers("API-114")]
    public void One_seed_is_one_run_with_streams_too()
    {
        Assert.Equal(Run(21), Run(21));
        Assert.NotEqual(Run(21), Run(22));

        static ulong Run(ulong seed)
        {
            var simulation = new Simulation(seed);
            simulation.Network.Default = new LinkOptions { Delay = TimeSpan.FromMilliseconds(10), Loss = 0.05 };
            var (a, b) = (simulation.AddHost(), simulation.AddHost());
            simulation.Introduce();
            b.Host.SetStreamHandler(Echo, async (stream, _, cancellationToken) => await stream.CopyToAsync(stream, cancellationToken));
            simulation.Run(async () =>
            {
                await using var stream = (MessageStream)await a.Host.OpenStream(b.Id, Echo);
                var reading = ReadAll(stream, new SeededRandom(1));
                await WriteAll(stream, new byte[200_000], new SeededRandom(2));
                Assert.Equal(200_000, (await reading).Length);
            });
            return simulation.TraceHash;
        }
    }

    [Fact]
    [Covers("API-176")]
    public void A_peer_that_falls_silent_ends_its_streams_at_both_ends()
    {
        var simulation = new Simulation(9);
        var (a, b) = (simulation.AddHost(), simulation.AddHost());
        simulation.Introduce();
        Task<int>? reading = null;
        b.Host.SetStreamHandler(Echo, async (stream, _, cancellationToken) =>
            await (reading = stream.ReadAsync(new byte[1], cancellationToken).AsTask()));
        simulation.Run(async () =>
        {
            await using var stream = (MessageStream)await a.Host.OpenStream(b.Id, Echo);
            while (reading is null)
                await simulation.Delay(TimeSpan.FromMilliseconds(10));
            simulation.Network.Default = new LinkOptions { Loss = 1 };
            var failed = await Assert.ThrowsAsync<IOException>(async () =>
            {
                while (true)
                    await stream.WriteAsync(new byte[100_000]);
            });
            Assert.Equal(PeerLoss.TimedOut, Assert.IsType<SessionLostException>(failed.InnerException).Reason);
        });
    }

    [Fact]
    [Covers("API-176")]
    public void A_peer_that_restarts_ends_its_streams()
    {
        var simulation = new Simulation(10);
        var (a, b) = (simulation.AddHost(), simulation.AddHost(new SimulatedHostOptions
        {
            Started = host => host.Host.SetStreamHandler(Echo, async (stream, _, cancellationToken) =>
                await stream.CopyToAsync(stream, cancellationToken)),
        }));
        simulation.Introduce();
        simulation.Run(async () =>
        {
            await using var stream = (MessageStream)await a.Host.OpenStream(b.Id, Echo);
            await stream.WriteAsync(new byte[1]);
            await stream.ReadExactlyAsync(new byte[1]);
            b.Crash();
            b.Restart();
            var reading = stream.ReadAsync(new byte[1]).AsTask();
            await stream.WriteAsync(new byte[1]);
            var failed = await Assert.ThrowsAsync<IOException>(() => reading);
            Assert.Equal(PeerLoss.PeerRestarted, Assert.IsType<SessionLostException>(failed.InnerException).Reason);

            await using var next = (MessageStream)await a.Host.OpenStream(b.Id, Echo);
            await next.WriteAsync(new byte[1]);
            await next.ReadExactlyAsync(new byte[1]);
        });
    }

    [Fact]
    [Covers("API-176")]
    public void Nobody_at_the_address_shows_in_the_stream()
    {
        var simulation = new Simulation(11);
        var (a, b) = (simulation.AddHost(), simulation.AddHost());
        simulation.Introduce();
        b.Crash();
        simulation.Run(async () =>
        {
            await using var stream = (MessageStream)await a.Host.OpenStream(b.Id, Echo);
            var failed = await Assert.ThrowsAsync<IOException>(async () => await stream.ReadExactlyAsync(new byte[1]));
            var why = Assert.IsType<PeerUnreachableException>(failed.InnerException);
            Assert.NotEmpty(why.Attempts);
            Assert.Same(why, await Assert.ThrowsAsync<PeerUnreachableException>(() => stream.Completion));
        });
    }

    [Fact]
    [Covers("API-171")]
    public void A_name_that_has_to_be_looked_up_does_not_keep_the_stream_from_opening()
    {
        var simulation = new Simulation(12);
        var (a, b) = (simulation.AddHost(), simulation.AddHost());
        b.Host.SetStreamHandler(Echo, async (stream, _, cancellationToken) => await stream.CopyToAsync(stream, cancellationToken));
        a.Host.Network.Peerstore.AddAddress(b.Id, Multiaddress.Parse($"/dns/{b.Name}/udp/4001"));
        simulation.Run(async () =>
        {
            var opening = a.Host.OpenStream(b.Id, Echo);
            Assert.True(opening.IsCompletedSuccessfully);
            await using var stream = (MessageStream)await opening;
            await stream.WriteAsync(new byte[100]);
            stream.CompleteWrites();
            await stream.ReadExactlyAsync(new byte[100]);
            Assert.Equal(0, await stream.ReadAsync(new byte[1]));
        });
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static byte[] Bytes(SeededRandom random, int most)
    {
        var bytes = new byte[random.NextInt32(0, most)];
        random.Fill(bytes);
        return bytes;
    }

    private static async Task WriteAll(MessageStream stream, byte[] data, SeededRandom random)
    {
        for (var start = 0; start < data.Length;)
        {
            var length = Math.Min(data.Length - start, random.NextInt32(0, 1 << (1 + random.NextInt32(0, 15))));
            await stream.WriteAsync(data.AsMemory(start, length));
            start += length;
        }

        stream.CompleteWrites();
    }

    private static async Task<byte[]> ReadAll(Stream stream, SeededRandom random)
    {
        var all = new MemoryStream();
        while (true)
        {
            var buffer = new byte[1 + random.NextInt32(0, 1 << (1 + random.NextInt32(0, 14)))];
            var count = await stream.ReadAsync(buffer);
            if (count == 0)
                return all.ToArray();
            all.Write(buffer, 0, count);
        }
    }
}

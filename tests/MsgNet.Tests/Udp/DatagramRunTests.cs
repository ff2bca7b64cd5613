using Microsoft.Extensions.Logging.Abstractions;
using MsgNet.Core;
using MsgNet.Platform;
using MsgNet.Testing;

namespace MsgNet.Tests.Udp;

/// <summary>Datagrams that travel in one call of the system.</summary>
public class DatagramRunTests
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(20);
    private static readonly ProtocolId Protocol = "/r";
    private static readonly NetAddress Here = new(0, 0xFFFF_7F00_0001, 4001, 0, 0);

    [Theory]
    [InlineData(0, 0, new[] { 0 })]
    [InlineData(0, 5, new[] { 0 })]
    [InlineData(7, 7, new[] { 7 })]
    [InlineData(7, 100, new[] { 7 })]
    [InlineData(21, 7, new[] { 7, 7, 7 })]
    [InlineData(15, 7, new[] { 7, 7, 1 })]
    public void A_run_is_walked_in_datagrams_of_one_size_and_a_last_one(int length, int segmentSize, int[] expected)
    {
        var run = new DatagramRun(length, segmentSize);
        Assert.Equal(expected.Length, run.Count);
        var at = 0;
        foreach (var size in expected)
        {
            Assert.False(run.IsEnded);
            Assert.True(run.TryNext(out var range));
            Assert.Equal(at..(at + size), range);
            at += size;
        }

        Assert.True(run.IsEnded);
        Assert.False(run.TryNext(out _));
        Assert.Equal(length, at);
    }

    [Fact]
    [Covers("API-201")]
    public void Datagrams_of_one_size_to_one_address_go_together_and_a_shorter_one_ends_the_run()
    {
        var run = new OutgoingRun();
        Assert.True(run.IsEmpty);
        Write(run, 1);
        Assert.True(run.TryAdd(Here, 100));
        Write(run, 2);
        Assert.True(run.TryAdd(Here, 100));
        Assert.False(run.IsFull);
        Write(run, 3);
        Assert.True(run.TryAdd(Here, 30));
        Assert.True(run.IsFull);
        Assert.Equal(100, run.SegmentSize);
        Assert.Equal(230, run.Datagrams.Length);
        Assert.Equal((1, 2, 3), (run.Datagrams[0], run.Datagrams[100], run.Datagrams[200]));
        Write(run, 4);
        Assert.False(run.TryAdd(Here, 30));
    }

    [Fact]
    [Covers("API-201")]
    public void What_does_not_belong_to_a_run_starts_the_next_where_it_was_written()
    {
        var run = new OutgoingRun();
        run.TryAdd(Here, 100);
        var other = Here with { LocalPort = 1 };
        (NetAddress, int)[] others = [(Here with { Port = 4002 }, 100), (other, 100), (other, 101)];
        foreach (var (to, length) in others)
        {
            Write(run, 9);
            Assert.False(run.TryAdd(to, length));
            run.Restart(to, length);
            Assert.Equal((to, length, length, (byte)9), (run.To, run.SegmentSize, run.Datagrams.Length, run.Datagrams[0]));
            Assert.False(run.IsFull);
        }

        run.Clear();
        Assert.True(run.IsEmpty);
        Assert.Equal(101, run.SegmentSize);
        Assert.True(run.TryAdd(Here, 1472));
    }

    [Theory]
    [InlineData(100, 128)]
    [InlineData(1200, 54)]
    [InlineData(1472, 44)]
    [Covers("API-201")]
    public void A_run_holds_no_more_than_one_call_takes_and_there_is_always_room_for_the_next(int size, int datagrams)
    {
        var run = new OutgoingRun();
        for (var i = 0; i < 1_000; i++)
        {
            // Runs that are cut by another address start further behind, until the room is used up.
            var to = Here with { Port = (ushort)(i % 3 == 0 ? 1 : 2) };
            Assert.True(run.Room.Length >= Limits.DatagramSizeMax);
            if (!run.TryAdd(to, size))
                run.Restart(to, size);
            Assert.InRange(run.Datagrams.Length, 1, 65_507);
            if (run.IsFull)
                run.Clear();
        }

        run.Clear();
        var taken = 0;
        for (; !run.IsFull; taken++)
            Assert.True(run.TryAdd(Here, size));
        Assert.Equal(datagrams, taken);
    }

    [Fact]
    [Covers("API-201")]
    public async Task What_waits_for_keys_leaves_in_few_calls()
    {
        const int messages = 40;
        var platform = new RunPlatform();
        await using var server = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        await using var client = await Start(platform);
        client.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);
        var got = 0;
        server.SetMessageHandler(Protocol, message => { Interlocked.Increment(ref got); }, new HandlerOptions { Inline = true });
        var options = new SendOptions { Delivery = Delivery.Unreliable, AllowEarly = false };
        for (var i = 0; i < messages; i++)
            await client.SendMessage(server.Id, Protocol, new byte[1_000], options);

        // Not all of them: on a machine that is busy elsewhere, what the first window holds back is stale before it is acknowledged.
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref got) >= 4, Guard));
        lock (platform.Sent)
            Assert.Contains(platform.Sent, call => call.Datagrams >= 4);
    }

    // Without padding, two of three datagrams of four segments come out a byte short, and a run has two of them at most.
    [Fact]
    [Covers("REC-070")]
    public async Task Datagrams_that_nearly_have_one_size_leave_in_one_call()
    {
        var platform = new RunPlatform();
        await using var server = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        await using var client = await Start(platform);
        client.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);
        server.SetMessageHandler(Protocol, (_, _) => default, new HandlerOptions { Inline = true });
        var session = client.OpenSession(server.Id, Protocol, SendOptions.Ordered);
        var batch = Enumerable.Repeat<ReadOnlyMemory<byte>>(new byte[32], 256).ToArray();
        var sawRun = false;
        for (var batches = 0; batches < 20_000 && !sawRun; batches++)
        {
            await session.SendMessages(batch, CancellationToken.None).AsTask().WaitAsync(Guard);
            lock (platform.Sent)
            {
                sawRun = platform.Sent.Exists(call => call.Datagrams >= 4 && call.SegmentSize > 3 * Limits.LaneSegmentMax);
                platform.Sent.Clear();
            }
        }

        Assert.True(sawRun);
    }

    [Fact]
    [Covers("API-232")]
    public async Task What_nothing_follows_leaves_before_timers_are_looked_after()
    {
        var platform = new RunPlatform();
        await using var server = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        await using var client = await Start(platform);
        client.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);
        var node = ((UdpTransport)client.Network.Transports()[0]).Node;
        var timers = new List<Instant>();
        platform.Sending = () => timers.Add(node.NextTimer);

        // A HELLO is repeated after a second; until it has left, the only timer is that of the peer's memory, minutes ahead.
        await client.SendMessage(server.Id, Protocol, new byte[1]);
        platform.Sending = null;
        Assert.True(timers[0] > SystemPlatform.Instance.Now + TimeSpan.FromMinutes(1), $"The timer was set to {timers[0]} before.");
    }

    // API-056 bounds a queue to 256, and these pass by it.
    [Fact]
    [Covers("API-203")]
    public async Task Inline_handlers_get_all_of_a_run_that_holds_more_than_their_queue()
    {
        const int messages = Limits.HandlerQueueMessagesMax + 10;
        var (platform, sending) = (new RunPlatform(), new RunPlatform());
        await using var server = await Start(platform, "/ip4/127.0.0.1/udp/0");
        await using var client = await Start(sending);
        client.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);
        using var all = new CountdownEvent(1 + messages);
        server.SetMessageHandler(Protocol, message => { all.Signal(); }, new HandlerOptions { Inline = true });
        server.SetRequestHandler("/ready/1.0", (_, _) => ValueTask.FromResult(new ReadOnlyMemory<byte>()));

        // Short names from here on, so that all of it fits the first window.
        await client.SendMessage(server.Id, Protocol, new byte[1]);
        await client.Request(server.Id, "/ready/1.0", new byte[1]);
        platform.Hold();
        var before = sending.DatagramsSent;
        var alone = new SendOptions { Coalesce = false };
        for (var i = 0; i < messages; i++)
            await client.SendMessage(server.Id, Protocol, new byte[1], alone).AsTask().WaitAsync(Guard);
        Assert.True(SpinWait.SpinUntil(() => platform.Held >= sending.DatagramsSent - before, Guard));
        Assert.True(platform.Held >= messages, $"Only {platform.Held} were under way at once.");
        Assert.Equal(messages, all.CurrentCount);
        platform.Release();
        Assert.True(all.Wait(Guard), $"{all.CurrentCount} of {messages} were lost.");
    }

    private static void Write(OutgoingRun run, byte mark) => run.Room[0] = mark;

    private static async Task<MessageHost> Start(RunPlatform platform, params string[] listen)
    {
        var options = new MsgNetOptions();
        foreach (var address in listen)
            options.Listen.Add(address);
        return await MessageHost.Start(
            platform, options, MessageHost.DefaultTransports, NullLoggerFactory.Instance, CancellationToken.None);
    }
}

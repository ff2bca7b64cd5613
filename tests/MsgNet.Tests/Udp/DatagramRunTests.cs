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
    public async Task What_waits_for_keys_leaves_in_few_calls()
    {
        const int messages = 40;
        var platform = new RunPlatform { StandsStill = true };
        platform.Hold(); // a message that is sent when the keys are there leaves alone
        await using var server = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        await using var client = await Start(platform);
        client.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);
        var got = 0;
        server.SetMessageHandler(Protocol, message => { Interlocked.Increment(ref got); }, new HandlerOptions { Inline = true });
        var options = new SendOptions { Delivery = Delivery.Unreliable, AllowEarly = false };
        for (var i = 0; i < messages; i++)
            await client.SendMessage(server.Id, Protocol, new byte[1_000], options);
        Assert.True(SpinWait.SpinUntil(() => platform.Held > 0, Guard));
        platform.Release();

        // Not all of them: what the first window holds back waits for the server's time.
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

    private static async Task<MessageHost> Start(RunPlatform platform, params string[] listen)
    {
        var options = new MsgNetOptions();
        foreach (var address in listen)
            options.Listen.Add(address);
        return await MessageHost.Start(
            platform, options, MessageHost.DefaultTransports, NullLoggerFactory.Instance, CancellationToken.None);
    }
}

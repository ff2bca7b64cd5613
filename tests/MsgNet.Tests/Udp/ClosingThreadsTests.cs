using System.Buffers.Binary;
using System.Collections.Concurrent;
using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Tests.Udp;

/// <summary>Threads that send, over real sockets, while either end closes the peer again and again.</summary>
[Collection(nameof(WholeProcess))]
public sealed class ClosingThreadsTests : IAsyncLifetime
{
    private const string Ordered = "/ordered";
    private const string Loose = "/loose";
    private const string Echo = "/echo";
    private const int Closes = 60;
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<int, int> next = [];
    private readonly ConcurrentQueue<string> wrong = [];
    private MessageHost client = null!;
    private MessageHost server = null!;
    private int sessions;
    private int completed;
    private int answered;
    private volatile bool ends;

    public async Task InitializeAsync()
    {
        client = await MessageHost.Start();
        server = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        server.SetMessageHandler(Ordered, OnOrdered, new HandlerOptions { Inline = true });
        server.SetMessageHandler(Loose, message => Check(message.Data.Span));
        server.SetRequestHandler(Echo, (message, _) => ValueTask.FromResult(message.Data));
        client.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);
    }

    public async Task DisposeAsync()
    {
        await client.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    [Covers("API-043", "API-044", "API-092", "API-234")]
    public async Task What_a_session_says_of_its_end_is_true_and_the_next_send_opens_another()
    {
        Func<int, Task>[] loops = [SendOrdered, SendOrdered, SendOrdered, SendLoose, SendLoose, Ask, Ask];
        var sending = loops.Select((loop, seed) => Task.Run(() => loop(seed))).ToArray();
        for (var round = 0; round < Closes; round++)
        {
            await Task.Delay(round % 40);
            await (round % 2 == 0 ? client.Network.ClosePeer(server.Id) : server.Network.ClosePeer(client.Id));
        }

        // Undisturbed at the end, each loop comes to an end that is none of an error.
        var before = Volatile.Read(ref completed);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref completed) > before, Guard));
        ends = true;
        await Task.WhenAll(sending).WaitAsync(Guard);
        Assert.Empty(wrong);
        Assert.True(answered > 0);
    }

    // Sessions one after the other. What one completed was handled, all of it; what it accepted before it was lost was handled in order.
    private async Task SendOrdered(int seed)
    {
        var random = new Random(seed);
        while (!ends)
        {
            var number = Interlocked.Increment(ref sessions);
            var session = client.OpenSession(server.Id, Ordered, SendOptions.Ordered);
            var sent = 0;
            for (var count = random.Next(1, 3_000); sent < count; sent++)
            {
                if (!await Try(() => session.SendMessage(Message(random, number, sent)), mayBeClosed: true))
                    break;
            }

            await session.DisposeAsync();
            if (!await Try(() => new ValueTask(session.Completion.WaitAsync(Guard))))
                continue;

            Interlocked.Increment(ref completed);
            if (next.GetValueOrDefault(number) != sent)
                wrong.Enqueue($"session {number} completed {sent}, and {next.GetValueOrDefault(number)} were handled");
        }
    }

    private async Task SendLoose(int seed)
    {
        var random = new Random(seed);
        while (!ends)
            await Try(() => client.SendMessage(server.Id, Loose, Message(random, 0, random.Next()), SendOptions.Unreliable));
    }

    private async Task Ask(int seed)
    {
        var random = new Random(seed);
        var options = new RequestOptions { Timeout = Guard };
        while (!ends)
        {
            var question = Message(random, 0, random.Next());
            options = options with { Delivery = random.Next(2) == 0 ? Delivery.Unreliable : Delivery.ReliableOrdered };
            await Try(async () =>
            {
                var answer = await client.Request(server.Id, Echo, question, options);
                if (!answer.Data.Span.SequenceEqual(question))
                    wrong.Enqueue("an answer that is none");
                Interlocked.Increment(ref answered);
            });
        }
    }

    private void OnOrdered(Message message)
    {
        var data = message.Data.Span;
        Check(data);
        var session = BinaryPrimitives.ReadInt32LittleEndian(data);
        var number = BinaryPrimitives.ReadInt32LittleEndian(data[4..]);
        if (next.GetValueOrDefault(session) != number)
            wrong.Enqueue($"session {session}: {number} in place of {next.GetValueOrDefault(session)}");
        next[session] = number + 1;
    }

    private void Check(ReadOnlySpan<byte> data)
    {
        if (data[8..].ContainsAnyExcept(data[4]))
            wrong.Enqueue("a message that is another's in part");
    }

    private static byte[] Message(Random random, int session, int number)
    {
        var data = new byte[random.Next(10) == 0 ? random.Next(8, 9_000) : random.Next(8, 300)];
        BinaryPrimitives.WriteInt32LittleEndian(data, session);
        BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(4), number);
        data.AsSpan(8).Fill((byte)number);
        return data;
    }

    // Who sends by the host has no session of his own, and is never told of one that was closed.
    private static async Task<bool> Try(Func<ValueTask> send, bool mayBeClosed = false)
    {
        try
        {
            await send();
            return true;
        }
        catch (Exception error) when (error is MsgNetException || (mayBeClosed && error is ObjectDisposedException))
        {
            return false;
        }
    }
}

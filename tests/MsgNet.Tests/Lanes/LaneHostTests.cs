using System.Buffers.Binary;
using MsgNet.Testing;

namespace MsgNet.Tests.Lanes;

/// <summary>Reliable messages between two hosts with real sockets, keys and threads.</summary>
public sealed class LaneHostTests : TwoHosts
{
    private const int Messages = 20_000;
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(60);

    [Theory]
    [Covers("API-040", "API-055")]
    [InlineData(true, 1)]
    [InlineData(false, 1)]
    [InlineData(false, 4)]
    public async Task Ordered_messages_arrive_in_order_however_slow_the_handler(bool inline, int concurrency)
    {
        var expected = 0;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Server.SetMessageHandler(
            "/count",
            (message, _) =>
            {
                if (BinaryPrimitives.ReadInt32LittleEndian(message.Data.Span) != expected)
                    done.TrySetException(new InvalidOperationException($"not {expected}"));
                if (++expected == Messages)
                    done.TrySetResult();
                return ValueTask.CompletedTask;
            },
            new HandlerOptions { Inline = inline, Concurrency = concurrency });
        var data = new byte[100];
        for (var i = 0; i < Messages; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(data, i);
            await Client.SendMessage(Server.Id, "/count", data, SendOptions.Ordered);
        }

        await done.Task.WaitAsync(Guard);
    }

    [Fact]
    [Covers("API-040")]
    public async Task Many_senders_at_once_get_every_message_delivered_once()
    {
        var seen = new int[Messages];
        Server.SetMessageHandler(
            "/many", message => { Interlocked.Increment(ref seen[BinaryPrimitives.ReadInt32LittleEndian(message.Data.Span)]); });
        var options = new SendOptions { Delivery = Delivery.Reliable, WaitForDelivery = true };
        await Task.WhenAll(Enumerable.Range(0, 8).Select(sender => Task.Run(async () =>
        {
            var data = new byte[2_000];
            for (var i = sender; i < Messages; i += 8)
            {
                BinaryPrimitives.WriteInt32LittleEndian(data, i);
                await Client.SendMessage(Server.Id, "/many", data, options);
            }
        }))).WaitAsync(Guard);

        Assert.All(seen, times => Assert.Equal(1, times));
    }

    [Fact]
    [Covers("API-063")]
    public async Task A_reader_that_stops_reading_stops_the_sender_and_loses_nothing()
    {
        var messages = Server.ReceiveMessages("/read").GetAsyncEnumerator();
        var sent = 0;
        var sending = Task.Run(async () =>
        {
            var data = new byte[10_000];
            for (; sent < 1_000; sent++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(data, sent);
                await Client.SendMessage(Server.Id, "/read", data, SendOptions.Ordered);
            }
        });
        Assert.True(await messages.MoveNextAsync().AsTask().WaitAsync(Guard));
        for (var i = 0; i < 1_000; i++)
        {
            Assert.Equal(i, BinaryPrimitives.ReadInt32LittleEndian(messages.Current.Data.Span));
            if (i < 999)
                Assert.True(await messages.MoveNextAsync().AsTask().WaitAsync(Guard));
        }

        await sending.WaitAsync(Guard);
        await messages.DisposeAsync();
    }

    [Fact]
    [Covers("API-046")]
    public async Task Requests_of_many_callers_are_answered_by_a_lane()
    {
        Server.SetRequestHandler("/echo", (message, _) => ValueTask.FromResult(message.ToOwned().Data));
        var options = new RequestOptions { Delivery = Delivery.Reliable, Timeout = Guard };
        await Task.WhenAll(Enumerable.Range(0, 4).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                var data = new byte[caller * 50_000];
                data.AsSpan().Fill((byte)i);
                var reply = await Client.Request(Server.Id, "/echo", data, options);
                Assert.Equal(data, reply.Data.ToArray());
                Assert.Equal(Delivery.Reliable, reply.Delivery);
            }
        }))).WaitAsync(Guard);
    }
}

using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Simulation.Tests;

/// <summary>Sending: room and its end, sizes, and who may not.</summary>
public sealed class MspSendTests
{
    [Fact]
    [Covers("MSP-130", "MSP-131")]
    public void A_refused_send_is_followed_by_a_call_that_says_there_is_room()
    {
        using var world = new MspWorld(a: MspProfile.Serval);
        var there = new MspRecorder(world);
        world.Listen(there.Handle);
        var sent = 0;
        var refusals = 0;
        var socket = world.Connect((socket, states, message) =>
        {
            if ((states & MspStates.DataOut) == 0)
                return message.Length;
            while (sent < 100 && socket.TrySend(BitConverter.GetBytes(sent)))
                sent++;
            refusals++;
            return message.Length;
        });
        Assert.True(world.RunUntil(() => there.Messages.Count() == 100, seconds: 10));
        Assert.Equal(Enumerable.Range(0, 100), there.Messages.Select(message => BitConverter.ToInt32(message)));
        Assert.True(refusals >= 20);

        // 100 messages in windows of five take 20 round trips of 40 ms and their acknowledgements; waiting for the second's call takes
        // 20 s.
        Assert.True(world.Simulation.Now < TimeSpan.FromSeconds(3), $"{world.Simulation.Now}");
        Assert.True(socket.IsOpen);
    }

    [Fact]
    [Covers("MSP-131")]
    public void Room_is_told_even_when_the_handler_saw_no_other_state_in_between()
    {
        using var world = new MspWorld(a: MspProfile.Serval);
        world.Listen(null);
        var calls = new MspRecorder(world);
        var socket = world.Connect(calls.Handle);
        world.RunUntil(() => socket.IsConnected);
        world.Run(TimeSpan.FromMilliseconds(1));
        var before = calls.Calls[^1].States;
        for (var i = 0; i < 6; i++)
            Assert.Equal(i < 5, socket.TrySend("x"u8));
        var at = world.Simulation.Now;
        Assert.True(world.RunUntil(() => calls.Calls[^1].At > at && calls.Calls[^1].States.HasFlag(MspStates.DataOut)));
        Assert.True(world.Simulation.Now - at < TimeSpan.FromMilliseconds(100));
        Assert.True(before.HasFlag(MspStates.DataOut));
    }

    [Theory]
    [InlineData(1_024, true)]
    [InlineData(1_025, false)]
    [Covers("MSP-133")]
    public void Messages_have_at_most_1024_bytes(int length, bool fits)
    {
        using var world = new MspWorld();
        var seen = new MspRecorder(world);
        world.Listen(seen.Handle);
        var socket = world.Connect(null);
        Assert.Equal(1_024, world.A.MessageSizeMax);
        if (!fits)
        {
            var error = Assert.Throws<MessageTooLargeException>(() => socket.TrySend(new byte[length]));
            Assert.Equal((1_025, 1_024), (error.Size, error.Limit));
            Assert.EndsWith("; send it in parts.", error.Message, StringComparison.Ordinal);
            Assert.Throws<MessageTooLargeException>(() => { _ = socket.Send(new byte[length]); });
            return;
        }

        Assert.True(socket.TrySend(new byte[length]));
        Assert.True(world.RunUntil(() => seen.Messages.Any()));
        Assert.Equal(length, seen.Messages.Single().Length);
    }

    [Fact]
    [Covers("MSP-132")]
    public void An_empty_message_is_accepted_and_nothing_is_sent()
    {
        using var world = new MspWorld(a: MspProfile.Serval);
        var seen = new MspRecorder(world);
        world.Listen(seen.Handle);
        var socket = world.Connect(null);
        world.Run(TimeSpan.FromMilliseconds(500));
        var sent = world.Simulation.Network.Statistics.Sent;
        for (var i = 0; i < 100; i++)
        {
            Assert.True(socket.TrySend([]));
            Assert.True(socket.Send(ReadOnlyMemory<byte>.Empty).IsCompletedSuccessfully);
        }

        world.Run(TimeSpan.FromMilliseconds(500));
        Assert.Equal(sent, world.Simulation.Network.Statistics.Sent);
        Assert.True(socket.TrySend("x"u8));
        Assert.True(world.RunUntil(() => seen.Messages.Any()));
        Assert.Single(seen.Messages);
    }

    [Fact]
    [Covers("MSP-137")]
    public void Only_open_connections_send()
    {
        using var world = new MspWorld();
        var listener = world.Listen(null);
        Assert.Throws<InvalidOperationException>(() => world.A.Create().TrySend("x"u8));
        Assert.Throws<InvalidOperationException>(() => listener.TrySend("x"u8));
        var socket = world.Connect(null);
        socket.Shutdown();
        Assert.Throws<InvalidOperationException>(() => socket.TrySend("x"u8));
        Assert.Throws<InvalidOperationException>(() => { _ = socket.Send("x"u8.ToArray()); });
    }

    [Fact]
    [Covers("MSP-137")]
    public void Sending_on_what_the_peer_ended_is_no_fault_of_the_caller()
    {
        using var world = new MspWorld();
        var socket = world.Connect(null); // nobody listens there
        Assert.True(socket.TrySend("x"u8));
        world.Run(TimeSpan.FromSeconds(11));
        Assert.True(socket.IsClosed);
        Assert.False(socket.TrySend("x"u8));
        var sending = socket.Send("x"u8.ToArray());
        Assert.IsType<MsgNetException>(sending.AsTask().Exception!.InnerException);
    }
}

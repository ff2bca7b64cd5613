using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Simulation.Tests;

/// <summary>When handlers are called, with what, and what their answer does.</summary>
public sealed class MspHandlerTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    [Covers("MSP-120", "MSP-122")]
    public void Every_message_is_a_call_in_order_and_with_its_boundaries()
    {
        using var world = new MspWorld();
        var seen = new MspRecorder(world);
        world.Listen(seen.Handle);
        var socket = world.Connect(null);
        var sent = Enumerable.Range(1, 200).Select(length => Enumerable.Repeat((byte)length, length).ToArray()).ToArray();
        foreach (var message in sent)
            Assert.True(socket.TrySend(message));

        Assert.True(world.RunUntil(() => seen.Messages.Count() == sent.Length));
        Assert.Equal(sent, seen.Messages);
        Assert.All(seen.Calls, call => Assert.Equal(socket.LocalAddress!.ToString()[^5..], call.Socket.RemoteAddress!.ToString()[^5..]));
        Assert.Single(seen.Calls.Select(call => call.Socket).Distinct());
    }

    [Fact]
    [Covers("MSP-120")]
    public void A_change_of_state_is_told_and_the_end_is_told_last_without_a_message()
    {
        using var world = new MspWorld();
        var here = new MspRecorder(world);
        var there = new MspRecorder(world);
        world.Listen(there.Handle);
        var socket = world.Connect(here.Handle);
        socket.TrySend("x"u8);
        world.RunUntil(() => there.Messages.Any());
        socket.Shutdown();
        var accepted = there.Calls[0].Socket;
        Assert.True(world.RunUntil(() => there.Calls[^1].States.HasFlag(MspStates.ShutdownRemote)));
        accepted.Shutdown();
        Assert.True(world.RunUntil(() => !socket.IsValid && !accepted.IsValid));

        foreach (var calls in new[] { here.Calls, there.Calls })
        {
            Assert.Contains(calls, call => call.States.HasFlag(MspStates.ReceivedPacket));
            Assert.Contains(calls, call => call.States.HasFlag(MspStates.ShutdownLocal));
            Assert.Contains(calls, call => call.States.HasFlag(MspStates.ShutdownRemote));
            Assert.True(calls[^1].States.HasFlag(MspStates.Closed));
            Assert.Empty(calls[^1].Message);
            Assert.Single(calls, call => call.States.HasFlag(MspStates.Closed));
        }

        var count = here.Calls.Count + there.Calls.Count;
        world.Run(5 * Second);
        Assert.Equal(count, here.Calls.Count + there.Calls.Count);
    }

    [Fact]
    [Covers("MSP-121")]
    public void A_handler_is_called_at_least_every_second()
    {
        using var world = new MspWorld();
        var here = new MspRecorder(world);
        var there = new MspRecorder(world);
        world.Listen(there.Handle);
        world.Connect(here.Handle);
        world.Run(20 * Second);
        foreach (var calls in new[] { here.Calls, there.Calls })
        {
            Assert.True(calls.Count >= 19);
            Assert.All(calls.Zip(calls.Skip(1)), pair => Assert.True(pair.Second.At - pair.First.At <= Second));
        }
    }

    [Fact]
    [Covers("MSP-122")]
    public void Accepted_sockets_inherit_the_handler_until_it_is_changed()
    {
        using var world = new MspWorld();
        var inherited = new MspRecorder(world);
        var own = new MspRecorder(world);
        var listener = world.Listen((socket, states, message) =>
        {
            if (message.Length > 0)
                socket.SetHandler(own.Handle);
            return inherited.Handle(socket, states, message);
        });
        var socket = world.Connect(null);
        socket.TrySend("one"u8);
        socket.TrySend("two"u8);
        Assert.True(world.RunUntil(() => own.Messages.Any()));
        Assert.Equal("one"u8.ToArray(), Assert.Single(inherited.Messages));
        Assert.Equal("two"u8.ToArray(), Assert.Single(own.Messages));

        // The listener's own handler is none the wiser, and serves the next connection.
        world.Connect(null).TrySend("three"u8);
        Assert.True(world.RunUntil(() => inherited.Messages.Count() == 2));
        Assert.DoesNotContain(inherited.Calls, call => call.Socket == listener);
    }

    [Fact]
    [Covers("MSP-122")]
    public void A_listener_is_told_of_its_own_end_only()
    {
        using var world = new MspWorld();
        var seen = new MspRecorder(world);
        var listener = world.Listen(seen.Handle);
        world.Connect(null).TrySend("x"u8);
        world.Run(3 * Second);
        Assert.DoesNotContain(seen.Calls, call => call.Socket == listener);
        listener.Stop();
        world.Run(TimeSpan.FromMilliseconds(1));
        var last = Assert.Single(seen.Calls, call => call.Socket == listener);
        Assert.Equal(MspStates.Listening | MspStates.Closed | MspStates.Stopped, last.States);
        Assert.False(listener.IsValid);
    }

    [Fact]
    [Covers("MSP-123")]
    public void Without_a_handler_messages_are_dropped_and_acknowledged()
    {
        using var world = new MspWorld(a: MspProfile.Serval);
        world.Listen(null);
        var socket = world.Connect(null);
        var late = new MspRecorder(world);
        for (var i = 0; i < 5; i++)
            Assert.True(socket.TrySend("x"u8));
        world.Run(Second);
        for (var i = 0; i < 5; i++)
            Assert.True(socket.TrySend("y"u8));
        Assert.Empty(late.Calls);
    }

    [Fact]
    [Covers("MSP-123")]
    public void Taking_the_handler_away_drops_what_it_left()
    {
        using var world = new MspWorld();
        var seen = new MspRecorder(world, consumes: 1);
        seen.Consumes = 0;
        world.Listen(seen.Handle);
        var socket = world.Connect(null);
        socket.TrySend("one"u8);
        world.RunUntil(() => seen.Messages.Any());
        var accepted = seen.Calls[0].Socket;
        accepted.SetHandler(null);
        world.Run(Second);
        Assert.False((socket.States & MspStates.DataOut) == 0);
        seen.Consumes = int.MaxValue;
        accepted.SetHandler(seen.Handle);
        socket.TrySend("two"u8);
        Assert.True(world.RunUntil(() => seen.Messages.Any(message => message.Length == 3 && message[0] == 't' && message[1] == 'w')));
        Assert.Single(seen.Messages, message => message[0] == 't');
    }

    [Fact]
    [Covers("MSP-124")]
    public void What_a_handler_leaves_is_offered_again_and_nothing_after_it_before()
    {
        using var world = new MspWorld();
        var seen = new MspRecorder(world, consumes: 1);
        world.Listen(seen.Handle);
        var socket = world.Connect(null);
        socket.TrySend("abc"u8);
        socket.TrySend("de"u8);
        Assert.True(world.RunUntil(() => seen.Messages.Count() == 5));
        Assert.Equal(
            ["abc"u8.ToArray(), "bc"u8.ToArray(), "c"u8.ToArray(), "de"u8.ToArray(), "e"u8.ToArray()],
            seen.Messages);
    }

    [Fact]
    [Covers("MSP-124")]
    public void A_handler_that_takes_a_byte_at_a_time_gets_all_of_them()
    {
        using var world = new MspWorld();
        var bytes = new List<byte>();
        world.Listen((_, _, message) =>
        {
            if (message.IsEmpty)
                return 0;
            bytes.Add(message[0]);
            return 1;
        });
        var socket = world.Connect(null);
        var sent = new byte[3_000];
        new SeededRandom(3, 0).Fill(sent);
        foreach (var message in sent.Chunk(1_000))
            Assert.True(socket.TrySend(message));
        Assert.True(world.RunUntil(() => bytes.Count == sent.Length));
        Assert.Equal(sent, bytes);
    }

    [Fact]
    [Covers("MSP-124")]
    public void What_is_not_consumed_is_not_acknowledged_and_stops_the_sender()
    {
        using var world = new MspWorld(a: MspProfile.Serval);
        var seen = new MspRecorder(world, consumes: 0);
        world.Listen(seen.Handle);
        var socket = world.Connect(null);
        for (var i = 0; i < 5; i++)
            Assert.True(socket.TrySend([(byte)i]));
        world.Run(60 * Second);
        Assert.False(socket.TrySend("x"u8));
        Assert.True(socket.IsOpen); // keepalives go on: a slow reader is no dead one
        Assert.All(seen.Messages, message => Assert.Equal(0, message[0]));
        Assert.True(seen.Messages.Count() >= 59); // offered again with every call, that is to say every second

        seen.Consumes = int.MaxValue;
        world.Run(2 * Second);
        Assert.True(socket.TrySend("x"u8));
        Assert.Equal([0, 1, 2, 3, 4], seen.Messages.Select(message => message[0]).Distinct().SkipLast(0).Where(first => first != 'x'));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4)]
    [Covers("MSP-125")]
    public void A_handler_that_claims_more_than_it_was_offered_ends_its_socket(int claims)
    {
        using var world = new MspWorld();
        MspSocket? accepted = null;
        world.Listen((socket, _, message) =>
        {
            accepted = socket;
            return message.Length > 0 ? claims : 0;
        });
        var socket = world.Connect(null);
        socket.TrySend("abc"u8);
        Assert.True(world.RunUntil(() => socket.IsClosed));
        Assert.True(socket.States.HasFlag(MspStates.Stopped));
        Assert.IsType<InvalidOperationException>(accepted!.Completion.Exception!.InnerException!.InnerException);
    }

    [Fact]
    [Covers("MSP-125")]
    public void A_handler_that_throws_ends_its_socket_and_harms_no_other()
    {
        using var world = new MspWorld();
        var seen = new MspRecorder(world);
        var failing = new List<MspStates>();
        world.Listen((socket, states, message) =>
        {
            if (socket.Tag is not null || message.SequenceEqual("bad"u8))
            {
                socket.Tag = "bad";
                failing.Add(states);
                throw new FormatException("not like this");
            }

            return seen.Handle(socket, states, message);
        });
        var bad = world.Connect(null);
        var good = world.Connect(null);
        good.TrySend("one"u8);
        bad.TrySend("bad"u8);
        Assert.True(world.RunUntil(() => bad.IsClosed));
        good.TrySend("two"u8);
        Assert.True(world.RunUntil(() => seen.Messages.Count() == 2));
        Assert.Equal(2, failing.Count); // the message, and the end, which is told although it throws again
        Assert.True(failing[1].HasFlag(MspStates.Closed | MspStates.Error));
        Assert.Equal(2, world.B.Count); // the listener and the good one
    }

    [Fact]
    [Covers("MSP-125")]
    public void A_message_stays_whole_until_its_call_ends_even_if_that_ends_the_socket()
    {
        using var world = new MspWorld();
        byte[]? read = null;
        world.Listen((socket, _, message) =>
        {
            if (message.IsEmpty)
                return 0;

            socket.Dispose();
            var other = System.Buffers.ArrayPool<byte>.Shared.Rent(message.Length);
            other.AsSpan().Fill(0xFF);
            System.Buffers.ArrayPool<byte>.Shared.Return(other);
            read = message.ToArray();
            return message.Length;
        });
        world.Connect(null).TrySend("whole"u8);
        Assert.True(world.RunUntil(() => read is not null));
        Assert.Equal("whole"u8.ToArray(), read);
    }

    [Fact]
    [Covers("MSP-125")]
    public void A_handler_may_use_its_socket_and_is_not_called_inside_its_call()
    {
        using var world = new MspWorld();
        var depth = 0;
        var echoed = new MspRecorder(world);
        world.Listen((socket, _, message) =>
        {
            Assert.Equal(0, depth++);
            if (message.Length > 0)
                Assert.True(socket.TrySend(message));
            if (message.SequenceEqual("last"u8))
                socket.Shutdown();
            depth--;
            return message.Length;
        });
        var socket = world.Connect(echoed.Handle);
        socket.TrySend("first"u8);
        socket.TrySend("last"u8);
        socket.Shutdown();
        Assert.True(world.RunUntil(() => socket.Completion.IsCompleted));
        Assert.Equal(["first"u8.ToArray(), "last"u8.ToArray()], echoed.Messages);
        Assert.True(socket.Completion.IsCompletedSuccessfully);
    }
}

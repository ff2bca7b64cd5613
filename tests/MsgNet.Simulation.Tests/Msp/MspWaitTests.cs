using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Simulation.Tests;

/// <summary>The calls that wait: connect, accept, send, receive.</summary>
public sealed class MspWaitTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    [Covers("MSP-150", "MSP-152", "MSP-153")]
    public void A_conversation_without_handlers()
    {
        using var world = new MspWorld();
        var listener = world.B.Listen(MspWorld.ListenAddress);
        world.Simulation.Run(async () =>
        {
            var serving = Serve(listener);
            using var socket = await world.A.Connect(world.AtB);
            Assert.True(socket.IsConnected);
            var buffer = new byte[world.A.MessageSizeMax];
            for (var i = 0; i < 20; i++)
            {
                await socket.Send(BitConverter.GetBytes(i));
                Assert.Equal(4, await socket.Receive(buffer));
                Assert.Equal(i, BitConverter.ToInt32(buffer));
            }

            socket.Shutdown();
            Assert.Equal(0, await socket.Receive(buffer));
            await socket.Completion;
            await serving;
        });
        Assert.Equal(0, world.A.Count);
        Assert.Equal(1, world.B.Count);

        static async Task Serve(MspSocket listener)
        {
            var socket = await listener.Accept();
            var buffer = new byte[1_024];
            while (await socket.Receive(buffer) is var length and > 0)
                await socket.Send(buffer.AsMemory(0, length));
            socket.Shutdown();
            await socket.Completion;
        }
    }

    [Fact]
    [Covers("MSP-152")]
    public void A_message_longer_than_the_buffer_comes_in_parts_and_never_with_the_next()
    {
        using var world = new MspWorld();
        var (socket, accepted) = Pair(world);
        socket.TrySend("abcde"u8);
        socket.TrySend("fg"u8);
        world.Simulation.Run(async () =>
        {
            var buffer = new byte[3];
            Assert.Equal(3, await accepted.Receive(buffer));
            Assert.Equal("abc"u8.ToArray(), buffer);
            Assert.Equal(2, await accepted.Receive(buffer));
            Assert.Equal("de"u8.ToArray(), buffer[..2]);
            Assert.Equal(0, await accepted.Receive(Memory<byte>.Empty)); // there is something, and no place for it
            Assert.Equal(2, await accepted.Receive(buffer));
            Assert.Equal("fg"u8.ToArray(), buffer[..2]);
        });
    }

    [Fact]
    [Covers("MSP-152")]
    public void What_was_not_received_is_not_acknowledged()
    {
        using var world = new MspWorld(a: MspProfile.Serval);
        var (socket, accepted) = Pair(world);
        for (var i = 0; i < 5; i++)
            Assert.True(socket.TrySend([(byte)i]));
        world.Run(30 * Second);
        Assert.False(socket.TrySend("x"u8));
        Assert.True(accepted.Receive(new byte[1]).IsCompletedSuccessfully);
        world.Run(Second);
        Assert.True(socket.TrySend("x"u8));
        Assert.False(socket.TrySend("x"u8));
    }

    [Fact]
    [Covers("MSP-152")]
    public void One_receive_waits_at_a_time_and_a_cancelled_one_takes_nothing()
    {
        using var world = new MspWorld();
        var (socket, accepted) = Pair(world);
        using var cancel = new CancellationTokenSource();
        var buffer = new byte[10];
        var waiting = accepted.Receive(buffer, cancel.Token).AsTask();
        Assert.Throws<InvalidOperationException>(() => { _ = accepted.Receive(buffer); });
        cancel.Cancel();
        world.Run(Second);
        Assert.True(waiting.IsCanceled);
        Assert.True(accepted.Receive(buffer, cancel.Token).IsCanceled);

        socket.TrySend("x"u8);
        world.Run(Second);
        Assert.Equal(0, buffer[0]);
        var next = accepted.Receive(buffer);
        Assert.Equal(1, MspWorld.ResultOf(next));
        Assert.Equal((byte)'x', buffer[0]);
    }

    [Fact]
    [Covers("MSP-152")]
    public void Receiving_from_a_connection_that_was_stopped_says_so()
    {
        using var world = new MspWorld();
        var (socket, accepted) = Pair(world);
        var waiting = accepted.Receive(new byte[1]).AsTask();
        socket.Stop();
        world.Run(Second);
        Assert.Contains("stopped", Assert.IsType<MsgNetException>(waiting.Exception!.InnerException).Message, StringComparison.Ordinal);
        Assert.IsType<MsgNetException>(accepted.Receive(new byte[1]).AsTask().Exception!.InnerException);
        Assert.IsType<MsgNetException>(socket.Receive(new byte[1]).AsTask().Exception!.InnerException);
    }

    [Fact]
    [Covers("MSP-150")]
    public void Sends_wait_for_room_and_leave_in_the_order_of_the_calls()
    {
        using var world = new MspWorld(a: MspProfile.Serval);
        var (socket, accepted) = Pair(world);
        var sends = Enumerable.Range(0, 40).Select(i => socket.Send(new[] { (byte)i }).AsTask()).ToArray();
        Assert.Equal(5, sends.Count(send => send.IsCompleted));
        Assert.False(socket.TrySend("x"u8)); // not before those that wait
        socket.Shutdown(); // and this not before them either
        world.Simulation.Run(async () =>
        {
            var buffer = new byte[1];
            for (var i = 0; i < 40; i++)
            {
                Assert.Equal(1, await accepted.Receive(buffer));
                Assert.Equal(i, buffer[0]);
            }

            Assert.Equal(0, await accepted.Receive(buffer));
            await Task.WhenAll(sends);
        });
    }

    [Fact]
    [Covers("MSP-150")]
    public void A_cancelled_send_sends_nothing_and_holds_nobody_up()
    {
        using var world = new MspWorld(a: MspProfile.Serval);
        var (socket, accepted) = Pair(world);
        using var cancel = new CancellationTokenSource();
        for (var i = 0; i < 5; i++)
            Assert.True(socket.TrySend([(byte)i]));
        var cancelled = socket.Send(new byte[] { 99 }, cancel.Token).AsTask();
        var last = socket.Send(new byte[] { 5 }).AsTask();
        cancel.Cancel();
        world.Simulation.Run(async () =>
        {
            await Assert.ThrowsAsync<OperationCanceledException>(() => cancelled);
            var buffer = new byte[1];
            for (var i = 0; i < 6; i++)
            {
                Assert.Equal(1, await accepted.Receive(buffer));
                Assert.Equal(i, buffer[0]);
            }

            await last;
        });
        Assert.True(socket.Send(new byte[] { 1 }, cancel.Token).IsCanceled);
    }

    [Fact]
    [Covers("MSP-150")]
    public void Who_waits_to_send_learns_that_the_peer_stopped()
    {
        using var world = new MspWorld(a: MspProfile.Serval);
        var (socket, accepted) = Pair(world);
        var sends = Enumerable.Range(0, 10).Select(i => socket.Send(new[] { (byte)i }).AsTask()).ToArray();
        world.Run(Second);
        accepted.Stop();
        world.Run(Second);
        Assert.All(sends[..5], send => Assert.True(send.IsCompletedSuccessfully)); // accepted, which promises no more
        Assert.All(sends[5..], send => Assert.IsType<MsgNetException>(send.Exception!.InnerException));
    }

    [Fact]
    [Covers("MSP-151")]
    public void At_most_128_connections_wait_to_be_accepted_and_more_are_refused()
    {
        using var world = new MspWorld();
        var listener = world.B.Listen(MspWorld.ListenAddress);
        var sockets = Enumerable.Range(0, Limits.MspBacklogMax + 5).Select(_ => world.Connect(null)).ToArray();
        world.Run(Second);
        Assert.Equal(Limits.MspBacklogMax, sockets.Count(socket => socket.IsConnected));
        Assert.Equal(5, sockets.Count(socket => socket.States.HasFlag(MspStates.Stopped)));
        for (var i = 0; i < Limits.MspBacklogMax; i++)
            Assert.True(listener.Accept().IsCompletedSuccessfully);
        Assert.False(listener.Accept().IsCompleted);
    }

    [Fact]
    [Covers("MSP-151")]
    public void A_connection_that_ended_while_it_waited_is_not_accepted()
    {
        using var world = new MspWorld();
        var listener = world.B.Listen(MspWorld.ListenAddress);
        var gone = world.Connect(null);
        world.Run(Second);
        gone.Stop();
        world.Run(Second);
        var accepting = listener.Accept();
        Assert.False(accepting.IsCompleted);
        world.Connect(null);
        world.Run(Second);
        Assert.True(MspWorld.ResultOf(accepting).IsOpen);
    }

    [Fact]
    [Covers("MSP-151")]
    public void A_cancelled_accept_loses_no_connection_and_a_closed_listener_ends_all()
    {
        using var world = new MspWorld();
        var listener = world.B.Listen(MspWorld.ListenAddress);
        using var cancel = new CancellationTokenSource();
        var cancelled = listener.Accept(cancel.Token).AsTask();
        var second = listener.Accept().AsTask();
        var third = listener.Accept().AsTask();
        cancel.Cancel();
        world.Connect(null);
        world.Run(Second);
        Assert.True(cancelled.IsCanceled);
        Assert.True(second.IsCompletedSuccessfully);
        Assert.True(listener.Accept(cancel.Token).IsCanceled);

        listener.Dispose();
        world.Run(Second);
        Assert.IsType<ObjectDisposedException>(third.Exception!.InnerException);
        Assert.True(MspWorld.ResultOf(second).IsOpen);
    }

    [Fact]
    [Covers("MSP-151")]
    public void Connections_nobody_accepted_are_stopped_with_their_listener()
    {
        using var world = new MspWorld();
        var listener = world.B.Listen(MspWorld.ListenAddress);
        var socket = world.Connect(null);
        world.Run(Second);
        listener.Stop();
        world.Run(Second);
        Assert.True(socket.States.HasFlag(MspStates.Stopped));
        Assert.Equal(0, world.B.Count);
        Assert.Throws<InvalidOperationException>(() => { _ = world.Connect(null).Accept(); });
    }

    [Fact]
    [Covers("MSP-153")]
    public void Connecting_fails_at_once_when_refused_and_after_ten_seconds_when_nobody_answers()
    {
        using var world = new MspWorld();
        world.B.Listen("/ip4/0.0.0.0/udp/1"); // somebody is at home to say no
        var refused = world.A.Connect(Multiaddress.FromUdpEndPoint(world.HostB.LocalAddresses[0], 2)).AsTask();
        var other = world.B.Create();
        other.Bind("/ip4/0.0.0.0/udp/3");
        other.Connect(Multiaddress.FromUdpEndPoint(world.HostA.LocalAddresses[0], 9));
        var stopped = world.A.Connect(Multiaddress.FromUdpEndPoint(world.HostB.LocalAddresses[0], 3)).AsTask();
        world.Run(Second);
        Assert.Contains("stopped", Assert.IsType<MsgNetException>(stopped.Exception!.InnerException).Message, StringComparison.Ordinal);
        Assert.False(refused.IsCompleted);
        world.Run(10 * Second);
        Assert.Contains("10 s", Assert.IsType<MsgNetException>(refused.Exception!.InnerException).Message, StringComparison.Ordinal);
        Assert.Equal(0, world.A.Count);
    }

    [Fact]
    [Covers("MSP-153")]
    public void A_cancelled_connect_stops_the_socket()
    {
        using var world = new MspWorld();
        using var cancel = new CancellationTokenSource();
        var connecting = world.A.Connect(world.AtB, cancel.Token).AsTask();
        Assert.Equal(1, world.A.Count);
        cancel.Cancel();
        world.Run(TimeSpan.FromMilliseconds(1));
        Assert.True(connecting.IsCanceled);
        Assert.Equal(0, world.A.Count);
        Assert.True(world.A.Connect(world.AtB, cancel.Token).IsCanceled);
    }

    [Fact]
    [Covers("MSP-152")]
    public void A_socket_has_a_handler_or_is_received_from()
    {
        using var world = new MspWorld();
        var (_, accepted) = Pair(world);
        Assert.Throws<InvalidOperationException>(() => accepted.SetHandler((_, _, message) => message.Length));
        var handled = world.Connect((_, _, message) => message.Length);
        Assert.Throws<InvalidOperationException>(() => { _ = handled.Receive(new byte[1]); });
        Assert.Throws<InvalidOperationException>(() => { _ = world.A.Create().Receive(new byte[1]); });
        handled.SetHandler(null);
        Assert.False(handled.Receive(new byte[1]).IsCompleted);
    }

    [Fact]
    [Covers("MSP-142")]
    public void Disposing_ends_every_wait()
    {
        using var world = new MspWorld(a: MspProfile.Serval);
        var (socket, _) = Pair(world);
        var receiving = socket.Receive(new byte[1]).AsTask();
        var sends = Enumerable.Range(0, 6).Select(i => socket.Send(new[] { (byte)i }).AsTask()).ToArray();
        socket.Dispose();
        world.Run(Second);
        Assert.IsType<ObjectDisposedException>(receiving.Exception!.InnerException);
        Assert.IsType<ObjectDisposedException>(sends[5].Exception!.InnerException);
    }

    internal static (MspSocket Socket, MspSocket Accepted) Pair(MspWorld world)
    {
        var listener = world.B.Listen(MspWorld.ListenAddress);
        var accepting = listener.Accept().AsTask();
        var connecting = world.A.Connect(world.AtB).AsTask();
        Assert.True(world.RunUntil(() => accepting.IsCompleted && connecting.IsCompleted));
        return (connecting.Result, accepting.Result);
    }
}

using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Simulation.Tests;

/// <summary>What sockets do over every carrier, with any profile, on a good path and a bad one.</summary>
public abstract class MspConformance
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>Two hosts that can reach each other, with sockets.</summary>
    internal abstract IMspRig Open(ulong seed, double loss);

    private readonly List<WeakReference<MspSocket>> watched = [];

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0.2)]
    [InlineData(3, 0.2)]
    [InlineData(4, 0.3)]
    [Covers("MSP-120", "MSP-130", "MSP-150", "MSP-152")]
    public void Messages_keep_order_and_boundaries_both_ways(ulong seed, double loss)
    {
        using var rig = Open(seed, loss);
        rig.Simulation.Run(async () =>
        {
            var (socket, accepted) = await Pair(rig);
            var done = await Task.WhenAll(Send(socket, 300), Send(accepted, 300), Receive(socket), Receive(accepted));
            Assert.Equal([300, 300, 300, 300], done);
            await Task.WhenAll(socket.Completion, accepted.Completion);
        });
        Assert.Equal(0, rig.A.Count);
        Assert.Equal(1, rig.B.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.2)]
    [Covers("MSP-124")]
    public void A_handler_that_takes_a_byte_at_a_time_gets_every_byte(double loss)
    {
        using var rig = Open(5, loss);
        var sent = new byte[2_000];
        new SeededRandom(5, 0).Fill(sent);
        var received = new List<byte>();
        var listener = rig.B.Create();
        listener.Bind(rig.ListenAt);
        listener.SetHandler((_, _, message) =>
        {
            if (message.IsEmpty)
                return 0;
            received.Add(message[0]);
            return 1;
        });
        listener.Listen();
        var socket = rig.A.Create();
        socket.Connect(rig.ConnectTo);
        rig.Simulation.Run(async () =>
        {
            foreach (var message in sent.Chunk(37))
                await socket.Send(message);
        });
        Assert.True(rig.Simulation.RunUntil(() => received.Count == sent.Length, TimeSpan.FromMinutes(5)));
        Assert.Equal(sent, received);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.2)]
    [Covers("MSP-134", "MSP-154")]
    public void Either_direction_ends_by_itself(double loss)
    {
        using var rig = Open(6, loss);
        rig.Simulation.Run(async () =>
        {
            var (socket, accepted) = await Pair(rig);
            socket.Shutdown();
            var buffer = new byte[10];
            Assert.Equal(0, await accepted.Receive(buffer));
            Assert.True(accepted.IsShutdownRemote);
            await rig.Simulation.Delay(60 * Second);
            Assert.True(socket.IsOpen && accepted.IsOpen);
            await accepted.Send("still here"u8.ToArray());
            Assert.Equal(10, await socket.Receive(buffer));
            Assert.False(socket.Completion.IsCompleted || accepted.Completion.IsCompleted);
            accepted.Shutdown();
            Assert.Equal(0, await socket.Receive(buffer));
            await Task.WhenAll(socket.Completion, accepted.Completion);
            Assert.True(socket.IsClosed && accepted.IsClosed);
            Assert.False(socket.States.HasFlag(MspStates.Error) || accepted.States.HasFlag(MspStates.Stopped));
        });
    }

    [Fact]
    [Covers("MSP-135")]
    public void A_stop_is_seen_by_the_peer_at_once()
    {
        using var rig = Open(7, 0);
        rig.Simulation.Run(async () =>
        {
            var (socket, accepted) = await Pair(rig);
            var receiving = accepted.Receive(new byte[1]).AsTask();
            socket.Stop();
            var at = rig.Simulation.Now;
            await Assert.ThrowsAsync<MsgNetException>(() => receiving);
            Assert.True(rig.Simulation.Now - at < TimeSpan.FromMilliseconds(50));
            Assert.True(accepted.States.HasFlag(MspStates.Closed | MspStates.Stopped));
            await Assert.ThrowsAsync<MsgNetException>(() => accepted.Completion);
            await socket.Completion;
            Assert.False(accepted.TrySend("x"u8));
        });
    }

    [Fact]
    [Covers("MSP-131", "MSP-124")]
    public void A_slow_reader_stops_its_sender_and_starts_it_again()
    {
        using var rig = Open(8, 0);
        rig.Simulation.Run(async () =>
        {
            var (socket, accepted) = await Pair(rig);
            var message = new byte[1_000];
            var sent = 0;
            while (rig.Simulation.Now < 5 * Second || socket.TrySend(message))
            {
                sent += socket.TrySend(message) ? 1 : 0;
                await rig.Simulation.Delay(TimeSpan.FromMilliseconds(1));
                Assert.True(sent < 10_000, "Nothing stops the sender.");
            }

            var waiting = socket.Send(message).AsTask();
            await rig.Simulation.Delay(30 * Second);
            Assert.False(waiting.IsCompleted);
            Assert.True(socket.IsOpen);
            var receiving = Receive(accepted);
            await waiting;
            socket.Shutdown();
            Assert.True(await receiving > sent);
        });
    }

    [Fact]
    [Covers("MSP-132")]
    public void An_empty_message_is_nothing()
    {
        using var rig = Open(9, 0);
        rig.Simulation.Run(async () =>
        {
            var (socket, accepted) = await Pair(rig);
            Assert.True(socket.TrySend([]));
            await socket.Send(ReadOnlyMemory<byte>.Empty);
            Assert.True(socket.TrySend("x"u8));
            Assert.Equal(1, await accepted.Receive(new byte[10]));
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.2)]
    [Covers("MSP-161", "MSP-162")]
    public void A_stream_carries_every_byte(double loss)
    {
        using var rig = Open(10, loss);
        var sent = new byte[200_000];
        new SeededRandom(10, 0).Fill(sent);
        rig.Simulation.Run(async () =>
        {
            var (socket, accepted) = await Pair(rig);
            var writing = Write(socket, sent);
            var received = new MemoryStream();
            await accepted.AsStream().CopyToAsync(received, 4_096);
            Assert.Equal(sent, received.ToArray());
            accepted.Dispose();
            await writing;
            await socket.Completion;
        });

        static async Task Write(MspSocket socket, byte[] bytes)
        {
            await socket.AsStream().WriteAsync(bytes);
            socket.Dispose();
        }
    }

    [Fact]
    [Covers("MSP-122")]
    public void A_message_goes_with_the_connection_and_is_there_when_it_is_accepted()
    {
        using var rig = Open(11, 0);
        var listener = rig.B.Listen(rig.ListenAt);
        var socket = rig.A.Create();
        socket.Connect(rig.ConnectTo);
        Assert.True(socket.TrySend("early"u8));
        socket.Shutdown();
        rig.Simulation.Run(async () =>
        {
            var accepted = await listener.Accept();
            var buffer = new byte[10];
            Assert.Equal(5, await accepted.Receive(buffer));
            Assert.Equal(0, await accepted.Receive(buffer));
            accepted.Dispose();
            await socket.Completion;
        });
    }

    [Fact]
    [Covers("MSP-107", "MSP-146")]
    public void A_thousand_connections_leave_nothing_behind()
    {
        using var rig = Open(12, 0);
        var listener = rig.B.Listen(rig.ListenAt);
        rig.Simulation.Run(async () =>
        {
            for (var round = 0; round < 10; round++)
                await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Talk(rig, listener)));
            await rig.Simulation.Delay(60 * Second);
        });
        Assert.Equal(0, rig.A.Count);
        Assert.Equal(1, rig.B.Count);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.Equal(2_000, watched.Count);
        Assert.True(watched.Count(reference => reference.TryGetTarget(out _)) < 20, "Sockets that are over are kept.");
    }

    internal static async Task<(MspSocket Socket, MspSocket Accepted)> Pair(IMspRig rig)
    {
        var listener = rig.B.Listen(rig.ListenAt);
        var accepting = listener.Accept().AsTask();
        var socket = await rig.A.Connect(rig.ConnectTo);
        return (socket, await accepting);
    }

    private async Task Talk(IMspRig rig, MspSocket listener)
    {
        var accepting = listener.Accept().AsTask();
        var socket = await rig.A.Connect(rig.ConnectTo);
        var accepted = await accepting;
        await socket.Send("x"u8.ToArray());
        watched.Add(new(socket));
        watched.Add(new(accepted));
        socket.Dispose();
        accepted.Dispose();
        await Task.WhenAll(socket.Completion, accepted.Completion);
    }

    // Lengths from 1 to 1,000; every byte says which message it is of.
    private static async Task<int> Send(MspSocket socket, int count)
    {
        for (var i = 0; i < count; i++)
            await socket.Send(Enumerable.Repeat((byte)i, 1 + (i * 7 % 1_000)).ToArray());
        socket.Shutdown();
        return count;
    }

    private static async Task<int> Receive(MspSocket socket)
    {
        var buffer = new byte[1_024];
        for (var i = 0; ; i++)
        {
            var length = await socket.Receive(buffer);
            if (length == 0)
                return i;

            Assert.True(length == 1_000 || length == 1 + (i * 7 % 1_000));
            Assert.True(length == 1_000 || !buffer.AsSpan(0, length).ContainsAnyExcept((byte)i));
        }
    }
}

/// <summary>Two hosts that can reach each other, with sockets.</summary>
internal interface IMspRig : IDisposable
{
    Simulation Simulation { get; }

    MspSockets A { get; }

    MspSockets B { get; }

    /// <summary>Where B listens.</summary>
    Multiaddress ListenAt { get; }

    /// <summary>Where A finds it.</summary>
    Multiaddress ConnectTo { get; }
}

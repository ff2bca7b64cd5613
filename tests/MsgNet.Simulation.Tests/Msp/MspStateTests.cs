using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Simulation.Tests;

/// <summary>What a socket says of itself, from its making to its end.</summary>
public sealed class MspStateTests
{
    private static readonly byte[] Hello = "hello"u8.ToArray();

    [Fact]
    [Covers("MSP-100", "MSP-107")]
    public void A_new_socket_is_initialising_and_counted()
    {
        using var world = new MspWorld();
        var socket = world.A.Create();

        Assert.Equal(MspStates.Initialising, socket.States);
        Assert.True(socket.IsInitialising);
        Assert.True(socket.IsValid);
        Assert.False(socket.IsOpen || socket.IsClosed || socket.IsListening || socket.IsData || socket.IsConnected);
        Assert.False(socket.IsShutdownLocal || socket.IsShutdownRemote);
        Assert.Null(socket.LocalAddress);
        Assert.Null(socket.RemoteAddress);
        Assert.Same(world.A, socket.Sockets);
        Assert.Equal(1, world.A.Count);
        world.A.Create();
        Assert.Equal(2, world.A.Count);
        Assert.Equal(0, world.B.Count);
    }

    [Fact]
    [Covers("MSP-107")]
    public void All_sockets_are_listed_one_a_line()
    {
        using var world = new MspWorld();
        world.Listen(null);
        world.B.Create();
        var lines = world.B.ToString().Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Contains(lines, line => line == $"MSP listener at {MspWorld.ListenAddress}: Listening");
    }

    [Theory]
    [InlineData(MspStates.Initialising, 0)]
    [InlineData(MspStates.Listening, 0x0001)]
    [InlineData(MspStates.ReceivedData, 0x0002)]
    [InlineData(MspStates.ReceivedPacket, 0x0004)]
    [InlineData(MspStates.ShutdownLocal, 0x0008)]
    [InlineData(MspStates.ShutdownRemote, 0x0010)]
    [InlineData(MspStates.Closed, 0x0020)]
    [InlineData(MspStates.Error, 0x0040)]
    [InlineData(MspStates.DataOut, 0x0080)]
    [InlineData(MspStates.Stopped, 0x0100)]
    [Covers("MSP-105")]
    public void States_are_the_bits_of_Serval(MspStates state, int bits) => Assert.Equal(bits, (int)state);

    [Fact]
    [Covers("MSP-102", "MSP-103", "MSP-105", "MSP-113")]
    public void A_listener_listens_until_it_is_stopped()
    {
        using var world = new MspWorld();
        var listener = world.B.Create();
        listener.Bind("/ip4/0.0.0.0/udp/0");
        Assert.Equal("/ip4/0.0.0.0/udp/0", listener.LocalAddress);
        Assert.True(listener.IsInitialising);
        listener.Listen();

        Assert.Equal(MspStates.Listening, listener.States);
        Assert.True(listener.IsListening && listener.IsOpen && listener.IsValid);
        Assert.False(listener.IsInitialising || listener.IsData || listener.IsConnected || listener.IsClosed);
        Assert.True(listener.LocalAddress!.TryGetUdpEndPoint(out _, out var port) && port != 0);
        Assert.Null(listener.RemoteAddress);

        listener.Stop();
        Assert.False(listener.IsListening || listener.IsOpen);
        Assert.True(listener.IsClosed);
        Assert.Equal(MspStates.Listening | MspStates.Closed | MspStates.Stopped, listener.States);
    }

    [Fact]
    [Covers("MSP-102", "MSP-104", "MSP-105", "MSP-111", "MSP-113")]
    public void A_connection_goes_through_all_its_states()
    {
        using var world = new MspWorld();
        MspSocket? accepted = null;
        world.Listen((socket, _, message) =>
        {
            accepted = socket;
            return message.Length;
        });
        var socket = world.Connect((_, _, message) => message.Length);

        Assert.Equal(MspStates.DataOut, socket.States);
        Assert.True(socket.IsData && socket.IsOpen);
        Assert.False(socket.IsConnected || socket.IsInitialising);
        Assert.Equal(world.AtB, socket.RemoteAddress);
        Assert.True(socket.TrySend(Hello));

        Assert.True(world.RunUntil(() => socket.IsConnected));
        Assert.Equal(MspStates.ReceivedPacket | MspStates.DataOut, socket.States);
        Assert.Equal(MspStates.ReceivedPacket | MspStates.ReceivedData | MspStates.DataOut, accepted!.States);
        Assert.Equal(socket.LocalAddress!.ToString().Split('/')[^1], accepted.RemoteAddress!.ToString().Split('/')[^1]);
        Assert.Equal(MspWorld.ListenAddress, accepted.LocalAddress);

        socket.Shutdown();
        Assert.True(socket.IsShutdownLocal);
        Assert.True(world.RunUntil(() => accepted.IsShutdownRemote));
        Assert.True(accepted.IsData);
        Assert.False(accepted.IsShutdownLocal || socket.IsShutdownRemote);
        world.Run(TimeSpan.FromSeconds(1));
        Assert.False(socket.IsData);
        Assert.True(socket.IsOpen);

        accepted.Shutdown();
        Assert.True(world.RunUntil(() => socket.IsClosed && accepted.IsClosed));
        Assert.False(socket.IsOpen || socket.IsData || socket.IsConnected || socket.IsShutdownLocal || socket.IsShutdownRemote);
        const MspStates Done = MspStates.ReceivedPacket | MspStates.ShutdownLocal | MspStates.ShutdownRemote | MspStates.Closed;
        Assert.Equal(Done, socket.States & ~MspStates.ReceivedData);
        Assert.Equal(Done | MspStates.ReceivedData, accepted.States);
    }

    [Fact]
    [Covers("MSP-104")]
    public void What_waits_to_be_acknowledged_makes_a_data_socket_though_the_window_is_full()
    {
        using var world = new MspWorld(a: MspProfile.Serval);
        world.Listen((_, _, _) => 0);
        var socket = world.Connect(null);
        for (var i = 0; i < 5; i++)
            Assert.True(socket.TrySend(Hello));
        Assert.False(socket.TrySend(Hello));
        Assert.Equal(MspStates.Initialising, socket.States & MspStates.DataOut);
        Assert.True(socket.IsData);
        Assert.True(socket.IsOpen);
        Assert.False(socket.IsInitialising);
    }

    [Fact]
    [Covers("MSP-101", "MSP-137")]
    public void A_socket_that_is_over_is_invalid_and_safe_to_ask()
    {
        using var world = new MspWorld();
        world.Listen(null);
        var socket = world.Connect(null);
        socket.Abandon();

        Assert.False(socket.IsValid);
        Assert.True(socket.IsClosed);
        Assert.False(socket.IsInitialising || socket.IsOpen || socket.IsListening || socket.IsData || socket.IsConnected);
        Assert.False(socket.IsShutdownLocal || socket.IsShutdownRemote);
        Assert.Equal(0, world.A.Count);
        Assert.Throws<ObjectDisposedException>(() => socket.TrySend(Hello));
        Assert.Throws<ObjectDisposedException>(() => { _ = socket.Send(Hello); });
        Assert.Throws<ObjectDisposedException>(() => { _ = socket.Receive(new byte[10]); });
        Assert.Throws<ObjectDisposedException>(() => { _ = socket.Accept(); });
        Assert.Throws<ObjectDisposedException>(socket.Shutdown);
        Assert.Throws<ObjectDisposedException>(socket.Listen);
        Assert.Throws<ObjectDisposedException>(() => socket.Connect(world.AtB));
        Assert.Throws<ObjectDisposedException>(() => socket.Bind(MspWorld.ListenAddress));
        Assert.Throws<ObjectDisposedException>(() => socket.SetHandler(null));
        Assert.Throws<ObjectDisposedException>(() => { _ = socket.AsStream(); });
        socket.Stop();
        socket.Abandon();
        socket.Dispose();
    }

    [Fact]
    [Covers("MSP-101")]
    public void A_socket_is_valid_until_its_handler_knows_that_it_is_over()
    {
        using var world = new MspWorld();
        world.Listen(null);
        var validInLastCall = false;
        var socket = world.Connect((socket, states, message) =>
        {
            if ((states & MspStates.Closed) != 0)
                validInLastCall = socket.IsValid && socket.IsClosed;
            return message.Length;
        });
        socket.Stop();
        Assert.True(socket.IsClosed);
        Assert.True(world.RunUntil(() => !socket.IsValid));
        Assert.True(validInLastCall);
        Assert.Equal(0, world.A.Count);
        Assert.False(socket.TrySend(Hello)); // nobody is at fault: the other side may end it at any time
        socket.Shutdown();
        Assert.Equal(MspStates.Closed | MspStates.Stopped, socket.States & ~MspStates.ReceivedPacket);
    }
}

using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Simulation.Tests;

/// <summary>The ways in which a socket ends, as both sides see them.</summary>
public sealed class MspEndTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    [Covers("MSP-134", "MSP-154")]
    public void Each_side_shuts_its_own_direction_down_and_the_other_goes_on()
    {
        using var world = new MspWorld();
        var here = new MspRecorder(world);
        var there = new MspRecorder(world);
        world.Listen(there.Handle);
        var socket = world.Connect(here.Handle);
        socket.TrySend("request"u8);
        socket.Shutdown();
        socket.Shutdown();
        Assert.True(world.RunUntil(() => there.Calls.Any(call => call.States.HasFlag(MspStates.ShutdownRemote))));
        var accepted = there.Calls[0].Socket;
        world.Run(60 * Second); // for as long as it likes
        for (var i = 0; i < 100; i++)
            Assert.True(accepted.TrySend([(byte)i]));
        Assert.True(world.RunUntil(() => here.Messages.Count() == 100));
        Assert.False(socket.Completion.IsCompleted);
        accepted.Shutdown();
        Assert.True(world.RunUntil(() => !socket.IsValid && !accepted.IsValid));
        world.Run(Second);
        Assert.Equal("request"u8.ToArray(), there.Messages.Single());
        Assert.True(socket.Completion.IsCompletedSuccessfully);
        Assert.True(accepted.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    [Covers("MSP-134")]
    public void Only_connections_are_shut_down()
    {
        using var world = new MspWorld();
        Assert.Throws<InvalidOperationException>(world.Listen(null).Shutdown);
        Assert.Throws<InvalidOperationException>(world.A.Create().Shutdown);
    }

    [Fact]
    [Covers("MSP-135")]
    public void Stop_ends_both_sides_at_once_and_drops_what_was_not_sent()
    {
        using var world = new MspWorld(a: MspProfile.Serval);
        var there = new MspRecorder(world, consumes: 0);
        world.Listen(there.Handle);
        var socket = world.Connect(null);
        world.RunUntil(() => socket.IsConnected);
        for (var i = 0; i < 5; i++)
            Assert.True(socket.TrySend([(byte)i]));
        world.RunUntil(() => there.Messages.Any());
        socket.Stop();
        var at = world.Simulation.Now;
        Assert.Equal(MspStates.Closed | MspStates.Stopped, socket.States & (MspStates.Closed | MspStates.Stopped | MspStates.DataOut));
        socket.Stop();

        var accepted = there.Calls[0].Socket;
        Assert.True(world.RunUntil(() => accepted.IsClosed));
        Assert.Equal(TimeSpan.FromMilliseconds(20), world.Simulation.Now - at); // the delay, and nothing else
        Assert.True(accepted.States.HasFlag(MspStates.Closed | MspStates.Stopped));
        Assert.False(accepted.States.HasFlag(MspStates.Error));
        world.Run(Second);
        Assert.IsType<MsgNetException>(accepted.Completion.Exception!.InnerException);
        Assert.True(socket.Completion.IsCompletedSuccessfully);
        Assert.Single(there.Messages.Select(message => message[0]).Distinct()); // what was not taken is lost
        Assert.Equal(1, world.B.Count);
    }

    [Fact]
    [Covers("MSP-135")]
    public void A_stopped_listener_sends_nothing_and_its_connections_go_on()
    {
        using var world = new MspWorld();
        var there = new MspRecorder(world);
        var listener = world.Listen(there.Handle);
        var socket = world.Connect(null);
        socket.TrySend("one"u8);
        world.RunUntil(() => there.Messages.Any());
        world.Run(TimeSpan.FromMilliseconds(100));
        var sent = world.Simulation.Network.Statistics.Sent;
        listener.Stop();
        world.Run(TimeSpan.FromMilliseconds(10));
        Assert.Equal(sent, world.Simulation.Network.Statistics.Sent);

        socket.TrySend("two"u8);
        Assert.True(world.RunUntil(() => there.Messages.Count() == 2));
        var refused = world.Connect(null);
        refused.TrySend("three"u8);
        Assert.True(world.RunUntil(() => refused.IsClosed, seconds: 1));
        Assert.True(refused.States.HasFlag(MspStates.Stopped));
        Assert.Equal(2, there.Messages.Count());
    }

    [Fact]
    [Covers("MSP-136")]
    public void An_abandoned_peer_hears_nothing_until_it_sends()
    {
        using var world = new MspWorld();
        var there = new MspRecorder(world);
        var here = new MspRecorder(world);
        world.Listen(there.Handle);
        var socket = world.A.Create();
        socket.Bind("/ip4/0.0.0.0/udp/700");
        socket.SetHandler(here.Handle);
        socket.Connect(world.AtB);

        // The port stays open for others, else nobody would be there to say that the connection is unknown.
        var other = world.A.Create();
        other.Bind("/ip4/0.0.0.0/udp/700");
        other.Listen();
        socket.TrySend("x"u8);
        world.RunUntil(() => there.Messages.Any());
        world.Run(TimeSpan.FromMilliseconds(100));
        var sent = world.Simulation.Network.Statistics.Sent;
        var calls = here.Calls.Count;
        socket.Abandon();
        socket.Abandon();
        world.Run(TimeSpan.FromMilliseconds(500));
        Assert.Equal(sent, world.Simulation.Network.Statistics.Sent);
        Assert.Equal(calls, here.Calls.Count);
        Assert.Equal(1, world.A.Count);

        var accepted = there.Calls[0].Socket;
        Assert.True(accepted.IsOpen);
        Assert.True(accepted.TrySend("anybody?"u8));
        Assert.True(world.RunUntil(() => accepted.IsClosed, seconds: 0.1));
        Assert.True(accepted.States.HasFlag(MspStates.Stopped));
    }

    [Fact]
    [Covers("MSP-136")]
    public void The_peer_of_an_abandoned_port_waits_ten_seconds_in_vain()
    {
        using var world = new MspWorld();
        var there = new MspRecorder(world);
        world.Listen(there.Handle);
        var socket = world.Connect(null);
        socket.TrySend("x"u8);
        world.RunUntil(() => there.Messages.Any());
        world.Run(TimeSpan.FromMilliseconds(100));
        socket.Abandon();
        var at = world.Simulation.Now;
        var accepted = there.Calls[0].Socket;
        Assert.True(world.RunUntil(() => accepted.IsClosed));
        Assert.InRange(world.Simulation.Now - at, TimeSpan.FromSeconds(9.8), TimeSpan.FromSeconds(10));
        Assert.True(accepted.States.HasFlag(MspStates.Closed | MspStates.Error));
        Assert.False(accepted.States.HasFlag(MspStates.Stopped));
    }

    [Fact]
    [Covers("MSP-154")]
    public void A_connection_to_nobody_fails_after_ten_seconds()
    {
        using var world = new MspWorld();
        var here = new MspRecorder(world);
        var socket = world.Connect(here.Handle);
        world.Simulation.Network.Partition(world.HostA, world.HostB);
        Assert.True(world.RunUntil(() => !socket.IsValid));
        Assert.Equal(TimeSpan.FromSeconds(10), world.Simulation.Now);
        Assert.Equal(MspStates.Closed | MspStates.Error, here.Calls[^1].States);
        world.Run(Second);
        Assert.Contains("10 s", socket.Completion.Exception!.InnerException!.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Covers("MSP-142")]
    public void A_disposed_socket_still_delivers_what_it_accepted_and_drops_what_comes()
    {
        using var world = new MspWorld(a: MspProfile.Serval);
        var here = new MspRecorder(world);
        var there = new MspRecorder(world);
        world.Listen(there.Handle);
        var socket = world.Connect(here.Handle);
        world.RunUntil(() => socket.IsConnected);
        for (var i = 0; i < 5; i++)
            Assert.True(socket.TrySend([(byte)i]));
        var calls = here.Calls.Count;
        socket.Dispose();
        Assert.True(socket.IsClosed);
        Assert.False(socket.IsValid);
        Assert.Equal(1, world.A.Count);
        Assert.True(world.RunUntil(() => there.Calls.Any(call => call.States.HasFlag(MspStates.ShutdownRemote))));
        var accepted = there.Calls[0].Socket;
        Assert.True(accepted.TrySend("too late"u8));
        accepted.Shutdown();
        Assert.True(world.RunUntil(() => world.A.Count == 0));
        world.Run(Second);
        Assert.Equal(5, there.Messages.Count());
        Assert.Equal(calls, here.Calls.Count);
        Assert.True(accepted.Completion.IsCompletedSuccessfully);
        Assert.True(socket.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    [Covers("MSP-142")]
    public void The_peer_of_a_disposed_socket_has_ten_seconds_to_finish()
    {
        using var world = new MspWorld();
        var there = new MspRecorder(world);
        world.Listen(there.Handle);
        var socket = world.Connect(null);
        world.RunUntil(() => there.Calls.Count > 0);
        socket.Dispose();
        var at = world.Simulation.Now;
        var accepted = there.Calls[0].Socket;
        Assert.True(world.RunUntil(() => accepted.IsClosed));
        Assert.Equal(TimeSpan.FromMilliseconds(10_020), world.Simulation.Now - at);
        Assert.True(accepted.States.HasFlag(MspStates.Stopped));
        Assert.Equal(0, world.A.Count);
    }

    [Fact]
    [Covers("MSP-145")]
    public void Close_all_forgets_everything_and_tells_nobody()
    {
        using var world = new MspWorld();
        var there = new MspRecorder(world);
        var here = new MspRecorder(world);
        world.Listen(there.Handle);
        var sockets = Enumerable.Range(0, 20).Select(_ => world.Connect(here.Handle)).ToList();
        var listener = world.A.Create();
        listener.Bind("/ip4/0.0.0.0/udp/9");
        listener.Listen();
        sockets.Add(listener);
        sockets.Add(world.A.Create());
        world.RunUntil(() => world.B.Count == 21);
        world.Run(TimeSpan.FromMilliseconds(100));
        var sent = world.Simulation.Network.Statistics.Sent;
        var calls = here.Calls.Count;
        world.A.CloseAll();

        Assert.Equal(0, world.A.Count);
        Assert.All(sockets, socket => Assert.True(socket is { IsValid: false, IsClosed: true }));
        world.Run(Second);
        Assert.Equal(sent, world.Simulation.Network.Statistics.Sent);
        Assert.Equal(calls, here.Calls.Count);
        Assert.Equal(21, world.B.Count);

        // And the context works on.
        var again = world.Connect(here.Handle);
        Assert.True(world.RunUntil(() => again.IsConnected));
    }

    [Fact]
    [Covers("MSP-147")]
    public void Disposing_the_context_stops_everything_and_frees_the_ports()
    {
        using var world = new MspWorld();
        var there = new MspRecorder(world);
        world.Listen(there.Handle);
        var socket = world.Connect(null);
        world.RunUntil(() => there.Calls.Count > 0);
        var accepted = there.Calls[0].Socket;
        world.A.Dispose();
        world.A.Dispose();
        Assert.True(world.RunUntil(() => accepted.IsClosed, seconds: 0.1));
        Assert.True(accepted.States.HasFlag(MspStates.Stopped));
        Assert.False(socket.IsValid);
        Assert.Throws<ObjectDisposedException>(world.A.Create);
        Assert.Throws<ObjectDisposedException>(() => { _ = world.A.Connect(world.AtB); });

        world.B.Dispose();
        using var next = MspWorld.Open(world.HostB);
        next.Listen(MspWorld.ListenAddress);
    }

    [Fact]
    [Covers("MSP-146")]
    public void A_port_is_freed_with_its_last_socket()
    {
        using var world = new MspWorld();
        var listener = world.Listen((_, _, message) => message.Length);
        var socket = world.Connect(null);
        world.RunUntil(() => socket.IsConnected);
        listener.Stop();
        world.Run(TimeSpan.FromMilliseconds(1));
        using var others = MspWorld.Open(world.HostB);
        Assert.Throws<MsgNetException>(() => others.Listen(MspWorld.ListenAddress)); // the connection that it took goes on
        socket.Stop();
        world.Run(Second);
        others.Listen(MspWorld.ListenAddress);
    }

    [Fact]
    [Covers("MSP-146")]
    public void A_port_whose_last_acknowledgement_was_lost_still_answers()
    {
        using var world = new MspWorld();
        var there = new MspRecorder(world);
        var listener = world.Listen(there.Handle);
        var socket = world.Connect(null);
        socket.TrySend("x"u8);
        world.RunUntil(() => there.Messages.Any());
        var accepted = there.Calls[0].Socket;
        accepted.Shutdown();
        world.RunUntil(() => socket.IsShutdownRemote);
        world.Run(TimeSpan.FromMilliseconds(100));
        listener.Dispose();

        // What B says last is lost: it is done, and has no socket left.
        world.Simulation.Network.SetLink(world.HostB, world.HostA, new LinkOptions { Loss = 1 });
        socket.Shutdown();
        Assert.True(world.RunUntil(() => world.B.Count == 0, seconds: 1));
        world.Run(Second);
        Assert.True(socket.IsOpen);
        world.Simulation.Network.SetLink(world.HostB, world.HostA, null);
        Assert.True(world.RunUntil(() => socket.IsClosed));
        world.Run(Second);
        Assert.True(socket.Completion.IsCompletedSuccessfully);
    }
}

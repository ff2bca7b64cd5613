using MsgNet.Core;
using MsgNet.Platform;
using MsgNet.Testing;

namespace MsgNet.Simulation.Tests;

/// <summary>The caller-driven mode: nothing happens but in a pass.</summary>
public sealed class MspPassTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    [Covers("MSP-140")]
    public void Nothing_happens_between_passes()
    {
        using var world = new MspWorld(callerDriven: true);
        var there = new MspRecorder(world);
        var here = new MspRecorder(world);
        world.Listen(there.Handle);
        var socket = world.Connect(here.Handle);
        socket.TrySend("x"u8);
        world.Run(20 * Second);
        Assert.Equal(0, world.Simulation.Network.Statistics.Sent);
        Assert.Empty(here.Calls);
        Assert.True(socket.IsOpen); // not even its timeout

        world.Run(Second, world.A);
        Assert.NotEqual(0, world.Simulation.Network.Statistics.Sent);
        Assert.Empty(there.Calls);
        Assert.Equal(1, world.B.Count);
    }

    [Fact]
    [Covers("MSP-140", "MSP-144")]
    public void Passes_carry_a_whole_conversation()
    {
        using var world = new MspWorld(callerDriven: true);
        var here = new MspRecorder(world);
        world.Listen((socket, states, message) =>
        {
            if (message.Length > 0)
                Assert.True(socket.TrySend(message));
            if ((states & (MspStates.ShutdownRemote | MspStates.ShutdownLocal)) == MspStates.ShutdownRemote)
                socket.Shutdown();
            return message.Length;
        });
        var socket = world.Connect(here.Handle);
        for (var i = 0; i < 50; i++)
            Assert.True(socket.TrySend([(byte)i]));
        socket.Shutdown();
        world.Run(3 * Second, world.A, world.B);
        Assert.Equal(Enumerable.Range(0, 50), here.Messages.Select(message => (int)message[0]));
        Assert.True(socket.Completion.IsCompletedSuccessfully);
        Assert.Equal(0, world.A.Count); // freed
        Assert.Equal(1, world.B.Count);
    }

    [Fact]
    [Covers("MSP-124", "MSP-144")]
    public void What_is_left_is_offered_once_in_each_pass()
    {
        using var world = new MspWorld(b: MspProfile.Serval, callerDriven: true);
        var there = new MspRecorder(world, consumes: 2);
        world.Listen(there.Handle);
        var socket = world.Connect(null);
        socket.TrySend("abcde"u8);
        world.A.Process(world.A.Now);
        world.Run(Second);

        var offers = new List<int>();
        foreach (var consumes in new[] { 2, 0, 0, 1, 9 })
        {
            there.Consumes = consumes;
            var next = world.B.Process(world.B.Now);
            offers.Add(there.Messages.Last().Length);
            Assert.Equal(offers.Count, there.Messages.Count());
            if (consumes is 2 or 1)
                Assert.True(next <= world.B.Now); // the rest is due at once
            if (consumes == 0)
                Assert.InRange(next - world.B.Now, TimeSpan.FromMilliseconds(1), Second);
        }

        Assert.Equal([5, 3, 3, 3, 2], offers);
        world.B.Process(world.B.Now);
        Assert.Equal(5, there.Messages.Count());
    }

    [Fact]
    [Covers("MSP-144")]
    public void A_pass_says_when_the_next_is_due()
    {
        using var world = new MspWorld(callerDriven: true);
        Assert.True(world.A.Process(world.A.Now).IsNever);
        world.A.Create();
        Assert.True(world.A.Process(world.A.Now).IsNever);
        var start = world.A.Now;
        world.Connect(null);
        Assert.Equal(start + TimeSpan.FromMilliseconds(10), world.A.Process(start)); // the bare FIRST
        Assert.Equal(0, world.Simulation.Network.Statistics.Sent);
        var now = start + TimeSpan.FromMilliseconds(10);
        Assert.True(world.A.Process(now) > now);
        Assert.Equal(1, world.Simulation.Network.Statistics.Sent);

        // Its own clock, too: the caller is all the time there is.
        Instant next;
        while (!(next = world.A.Process(now)).IsNever)
            now = next;
        Assert.Equal(TimeSpan.FromSeconds(10), now - start);
        Assert.Equal(1, world.A.Count); // the one that was only made
    }

    [Fact]
    [Covers("MSP-143")]
    public void Receive_takes_one_packet_and_calls_no_handler()
    {
        using var world = new MspWorld(callerDriven: true);
        var there = new MspRecorder(world);
        world.Listen(there.Handle);
        Assert.False(world.B.Receive(world.B.Now));
        var socket = world.Connect(null);
        socket.TrySend("a"u8);
        socket.TrySend("b"u8);
        world.A.Process(world.A.Now);
        world.Run(Second);

        Assert.Equal(1, world.B.Count);
        Assert.True(world.B.Receive(world.B.Now));
        Assert.Equal(2, world.B.Count);
        Assert.True(world.B.Receive(world.B.Now));
        Assert.False(world.B.Receive(world.B.Now));
        Assert.Empty(there.Calls);
        world.B.Process(world.B.Now);
        Assert.Equal(["a"u8.ToArray(), "b"u8.ToArray()], there.Messages);
    }

    [Fact]
    [Covers("MSP-140")]
    public void What_arrives_and_is_not_taken_is_bounded()
    {
        using var world = new MspWorld(callerDriven: true);
        world.Listen(null);
        var port = world.HostA.Platform.OpenPort(System.Net.IPAddress.Any, 0, 0, DatagramPortSettings.Default);
        var to = NetAddress.From(world.HostB.LocalAddresses[0], 4110, 0);
        for (var i = 0; i < 3_000; i++)
            port.Send(to, [0, 1, 2]);
        world.Run(Second);
        var taken = 0;
        while (world.B.Receive(world.B.Now))
            taken++;
        Assert.Equal(Limits.MspInboxMax, taken);
    }

    [Fact]
    [Covers("MSP-140", "MSP-141")]
    public void The_calls_of_one_mode_are_refused_in_the_other()
    {
        using var world = new MspWorld();
        Assert.Throws<InvalidOperationException>(() => world.A.Process(world.A.Now));
        Assert.Throws<InvalidOperationException>(() => world.A.Receive(world.A.Now));
        Assert.Throws<InvalidOperationException>(() => world.A.WaitForInput(world.A.Now));
    }

    [Fact]
    [Covers("MSP-144")]
    public void A_handler_that_asks_for_a_pass_is_refused()
    {
        using var world = new MspWorld(callerDriven: true);
        var socket = world.Connect((socket, _, _) => (int)socket.Sockets.Process(socket.Sockets.Now).Ticks);
        world.A.Process(world.A.Now);
        Assert.True(socket.IsClosed);
        world.A.Process(world.A.Now);
        world.A.Process(world.A.Now);
        var thrown = socket.Completion.Exception!.InnerException!.InnerException;
        Assert.Contains("handler", Assert.IsType<InvalidOperationException>(thrown).Message, StringComparison.Ordinal);
    }

    [Fact]
    [Covers("MSP-140")]
    public void Whoever_waits_goes_on_inside_a_pass()
    {
        using var world = new MspWorld(callerDriven: true);
        var listener = world.B.Listen(MspWorld.ListenAddress);
        var accepting = listener.Accept().AsTask();
        var connecting = world.A.Connect(world.AtB).AsTask();
        world.Run(Second);
        Assert.False(connecting.IsCompleted);
        world.Run(Second, world.A, world.B);
        Assert.True(connecting.IsCompletedSuccessfully);
        Assert.True(accepting.IsCompletedSuccessfully);
    }
}

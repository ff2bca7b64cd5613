using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Simulation.Tests;

/// <summary>What connections in streams of a host have of their own: ports, framing, limits.</summary>
public sealed class MspLaneTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    [Covers("MSP-180", "MSP-181", "MSP-183")]
    public void A_listener_is_the_stream_handler_of_its_port_and_answers_with_an_empty_length()
    {
        using var rig = MspLaneRig.WithinAProcess(1);
        using var listener = rig.B.Listen(MspLaneRig.Port);
        Assert.Equal(rig.ListenAt, listener.LocalAddress);
        rig.Simulation.Run(async () =>
        {
            await using var stream = await rig.HostA.Host.OpenStream(rig.HostB.Id, "/msp/700");
            var accepted = await listener.Accept();
            Assert.Equal($"/p2p/{rig.HostA.Id}", accepted.RemoteAddress);
            Assert.True(accepted.IsConnected);
            await stream.WriteAsync(new byte[] { 3, 1, 2, 3, 0, 0, 2, 4, 5 });
            var buffer = new byte[10];
            Assert.Equal(3, await accepted.Receive(buffer));
            Assert.Equal(2, await accepted.Receive(buffer));
            await accepted.Send(new byte[] { 9 });
            await stream.ReadExactlyAsync(buffer.AsMemory(0, 3));
            Assert.Equal([0, 1, 9], buffer[..3]);
        });
    }

    [Fact]
    [Covers("MSP-180", "MSP-181", "MSP-183")]
    public void A_connection_is_a_stream_and_waits_for_the_answer()
    {
        using var rig = MspLaneRig.WithinAProcess(2);
        var opened = new TaskCompletionSource<Stream>();
        rig.HostB.Host.SetStreamHandler("/msp/700", (stream, _, _) =>
        {
            opened.SetResult(stream);
            return new ValueTask(((MessageStream)stream).Completion);
        });
        rig.Simulation.Run(async () =>
        {
            var connecting = rig.A.Connect(rig.HostB.Id, MspLaneRig.Port).AsTask();
            var stream = await opened.Task;
            await rig.Simulation.Delay(Second);
            Assert.False(connecting.IsCompleted);
            await stream.WriteAsync(new byte[] { 0 });
            var socket = await connecting;
            Assert.Equal(rig.ConnectTo, socket.RemoteAddress);
            await socket.Send(new byte[200]);
            var buffer = new byte[202];
            await stream.ReadExactlyAsync(buffer);
            Assert.Equal([0xC8, 0x01], buffer[..2]);
            socket.Shutdown();
            Assert.Equal(0, await stream.ReadAsync(buffer));
            socket.Abandon();
        });
    }

    [Theory]
    [InlineData(new byte[] { 0x80, 0x00 }, false)]
    [InlineData(new byte[] { 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01 }, false)]
    [InlineData(new byte[] { 0x81, 0x80, 0x40 }, false)]
    [InlineData(new byte[] { 3, 1, 2 }, true)]
    [InlineData(new byte[] { 0x80 }, true)]
    [Covers("MSP-182", "MSP-184")]
    public void What_is_no_message_ends_the_connection(byte[] bytes, bool ends)
    {
        using var rig = MspLaneRig.WithinAProcess(3);
        using var listener = rig.B.Listen(MspLaneRig.Port);
        rig.Simulation.Run(async () =>
        {
            var stream = (MessageStream)await rig.HostA.Host.OpenStream(rig.HostB.Id, "/msp/700");
            var accepted = await listener.Accept();
            await stream.WriteAsync(new byte[] { 1, 7 });
            await stream.WriteAsync(bytes);
            if (ends)
                stream.CompleteWrites();
            Assert.Equal(1, await accepted.Receive(new byte[10]));
            await Assert.ThrowsAsync<SessionLostException>(() => stream.Completion);
            Assert.Equal(MspStates.Error | MspStates.Closed, accepted.States & (MspStates.Error | MspStates.Closed | MspStates.Stopped));
            await Assert.ThrowsAsync<MsgNetException>(() => accepted.Completion);
        });
    }

    [Fact]
    [Covers("MSP-182")]
    public void A_message_may_come_a_byte_at_a_time()
    {
        using var rig = MspLaneRig.WithinAProcess(4);
        using var listener = rig.B.Listen(MspLaneRig.Port);
        rig.Simulation.Run(async () =>
        {
            await using var stream = await rig.HostA.Host.OpenStream(rig.HostB.Id, "/msp/700");
            var accepted = await listener.Accept();
            var receiving = accepted.Receive(new byte[300]).AsTask();
            foreach (var piece in new byte[] { 0xAC, 0x02 }.Concat(new byte[300]))
            {
                Assert.False(receiving.IsCompleted);
                await stream.WriteAsync(new[] { piece });
                await rig.Simulation.Delay(TimeSpan.FromMilliseconds(1));
            }

            Assert.Equal(300, await receiving);
        });
    }

    [Fact]
    [Covers("MSP-184")]
    public void Messages_may_be_as_long_as_the_hosts()
    {
        using var rig = MspLaneRig.WithinAProcess(5);
        Assert.Equal(Limits.ReliableMessageDefault, rig.A.MessageSizeMax);
        rig.Simulation.Run(async () =>
        {
            var (socket, accepted) = await MspConformance.Pair(rig);
            var sent = new byte[Limits.ReliableMessageDefault];
            rig.Simulation.Random.Fill(sent);
            var sending = socket.Send(sent).AsTask();
            var received = new byte[sent.Length];
            Assert.Equal(sent.Length, await accepted.Receive(received));
            Assert.Equal(sent, received);
            await sending;
            Assert.Throws<MessageTooLargeException>(() => { _ = socket.Send(new byte[sent.Length + 1]); });
            Assert.True(socket.TrySend("still fine"u8));
        });
    }

    [Fact]
    [Covers("MSP-131")]
    public void A_large_message_that_was_refused_is_asked_for_once_there_is_room_for_it()
    {
        using var rig = MspLaneRig.WithinAProcess(6);
        rig.Simulation.Run(async () =>
        {
            var listener = rig.B.Listen(MspLaneRig.Port);
            var calls = 0;
            var large = new byte[60_000];
            var sent = 0;
            var socket = rig.A.Create();
            socket.SetHandler((self, states, message) =>
            {
                calls++;
                while (sent < 20 && (states & MspStates.DataOut) != 0 && self.TrySend(large))
                    sent++;
                return message.Length;
            });
            socket.Connect(rig.ConnectTo);
            var accepted = await listener.Accept();
            await rig.Simulation.Delay(Second);
            Assert.InRange(sent, 2, 19); // 64 KiB wait here, 256 KiB in the stream, and some at the other end
            Assert.True(calls < 30, $"{calls} calls: the handler is asked again and again while there is no room.");
            var buffer = new byte[large.Length];
            for (var i = 0; i < 20; i++)
                Assert.Equal(large.Length, await accepted.Receive(buffer));
            socket.Abandon();
        });
    }

    [Fact]
    [Covers("MSP-180")]
    public void A_port_has_one_listener_and_is_free_again_after_it()
    {
        using var rig = MspLaneRig.WithinAProcess(7);
        using var others = MspSockets.Over(rig.HostB.Host);
        var listener = rig.B.Listen(MspLaneRig.Port);
        Assert.Throws<MsgNetException>(() => rig.B.Listen(MspLaneRig.Port));
        Assert.Throws<MsgNetException>(() => others.Listen(MspLaneRig.Port));
        rig.HostB.Host.SetMessageHandler("/msp/701", (_, _) => ValueTask.CompletedTask);
        Assert.Throws<MsgNetException>(() => others.Listen(701));
        listener.Dispose();
        others.Listen(MspLaneRig.Port);
        others.Dispose();
        rig.B.Listen(MspLaneRig.Port);
    }

    [Fact]
    [Covers("MSP-180", "MSP-153")]
    public void Where_nobody_listens_the_connection_is_refused()
    {
        using var rig = MspLaneRig.WithinAProcess(8);
        rig.Simulation.Run(async () =>
        {
            var error = await Assert.ThrowsAsync<MsgNetException>(() => rig.A.Connect(rig.HostB.Id, 999).AsTask());
            Assert.Contains("nobody listens", error.Message, StringComparison.Ordinal);
            var unknown = rig.A.Create();
            unknown.Connect(PeerId.FromEd25519(new byte[32]), 1);
            await Assert.ThrowsAsync<MsgNetException>(() => unknown.Completion);
            Assert.True(unknown.States.HasFlag(MspStates.Error | MspStates.Closed));
        });
        Assert.Equal(0, rig.A.Count);
    }

    [Fact]
    [Covers("MSP-180")]
    public void Addresses_are_ports_of_peers()
    {
        using var rig = MspLaneRig.WithinAProcess(9);
        var socket = rig.A.Create();
        Assert.Throws<ArgumentException>(() => socket.Bind("/ip4/1.2.3.4/udp/4"));
        Assert.Throws<ArgumentException>(() => socket.Connect("/ip4/1.2.3.4/udp/4"));
        Assert.Throws<ArgumentException>(() => socket.Connect($"/p2p/{rig.HostB.Id}"));
        Assert.Throws<ArgumentException>(() => socket.Connect(rig.HostB.Id, 0));
        Assert.Throws<ArgumentException>(() => socket.Connect(rig.HostA.Id, 1)); // itself
        socket.Bind(0);
        Assert.Throws<ArgumentException>(socket.Listen);
        Assert.True(socket.IsInitialising);
        socket.Bind(5);
        socket.Listen();
        Assert.Equal("/mdpport/5", socket.LocalAddress);
    }

    [Fact]
    [Covers("MSP-136")]
    public void An_abandoned_peer_is_told_over_lanes()
    {
        using var rig = MspLaneRig.WithinAProcess(10);
        rig.Simulation.Run(async () =>
        {
            var (socket, accepted) = await MspConformance.Pair(rig);
            socket.Abandon();
            await Assert.ThrowsAsync<MsgNetException>(() => accepted.Completion);
            Assert.True(accepted.States.HasFlag(MspStates.Stopped));
        });
    }

    [Fact]
    [Covers("MSP-140")]
    public void A_caller_drives_connections_in_streams_too()
    {
        using var rig = MspLaneRig.WithinAProcess(11, callerDriven: true);
        var received = new List<byte>();
        var listener = rig.B.Create();
        listener.Bind(MspLaneRig.Port);
        listener.SetHandler((socket, states, message) =>
        {
            if (message.Length > 0)
                received.Add(message[0]);
            if ((states & MspStates.ShutdownRemote) != 0)
                socket.Shutdown();
            return message.Length;
        });
        listener.Listen();
        var socket = rig.A.Create();
        socket.Connect(rig.ConnectTo);
        for (var i = 0; i < 50; i++)
            Assert.True(socket.TrySend([(byte)i]));
        socket.Shutdown();
        rig.Simulation.Run(5 * Second);
        Assert.Equal(1, rig.B.Count);
        Assert.Empty(received);
        for (var i = 0; i < 20; i++)
        {
            rig.A.Process(rig.A.Now);
            rig.Simulation.Run(TimeSpan.FromMilliseconds(1));
            rig.B.Process(rig.B.Now);
            rig.Simulation.Run(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(Enumerable.Range(0, 50), received.Select(first => (int)first));
        Assert.True(socket.Completion.IsCompletedSuccessfully);
        Assert.Equal((0, 1), (rig.A.Count, rig.B.Count));
    }

    [Fact]
    [Covers("MSP-154")]
    public void Closing_the_host_ends_its_connections()
    {
        using var rig = MspLaneRig.WithinAProcess(12);
        rig.Simulation.Run(async () =>
        {
            var (socket, accepted) = await MspConformance.Pair(rig);
            await rig.HostB.Host.Close(TimeSpan.Zero);
            await Assert.ThrowsAsync<MsgNetException>(() => socket.Completion);
            await Assert.ThrowsAsync<MsgNetException>(() => accepted.Completion);
            Assert.True(socket.IsClosed && accepted.IsClosed);
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Covers("MSP-154", "MSP-180")]
    public void A_peer_that_is_gone_ends_its_connections_with_an_error(bool restarts)
    {
        using var rig = new MspLaneRig(13, 0, MessageHostFactories.OverUdp);
        rig.Simulation.Run(async () =>
        {
            var (socket, _) = await MspConformance.Pair(rig);
            rig.HostB.Crash();
            if (restarts)
                rig.HostB.Restart();
            var at = rig.Simulation.Now;
            await socket.Send("hello?"u8.ToArray());
            var error = await Assert.ThrowsAsync<MsgNetException>(() => socket.Completion);
            Assert.Contains(restarts ? "restarted" : "did not answer", error.Message, StringComparison.Ordinal);
            Assert.InRange(rig.Simulation.Now - at, TimeSpan.Zero, TimeSpan.FromSeconds(restarts ? 1 : 36));
            Assert.Equal(MspStates.Error | MspStates.Closed, socket.States & (MspStates.Error | MspStates.Closed | MspStates.Stopped));
        });
        Assert.Equal(0, rig.A.Count);
    }

    [Fact]
    [Covers("MSP-142")]
    public void What_a_disposed_socket_accepted_has_two_minutes_to_arrive()
    {
        using var rig = new MspLaneRig(14, 0, MessageHostFactories.OverUdp);
        rig.Simulation.Network.SetLink(rig.HostA, rig.HostB, new LinkOptions { Rate = 10_000 });
        rig.Simulation.Run(async () =>
        {
            var (socket, accepted) = await MspConformance.Pair(rig);
            var sent = new byte[300_000]; // half a minute
            await socket.Send(sent);
            socket.Dispose();
            var at = rig.Simulation.Now;
            var received = new byte[sent.Length];
            Assert.Equal(sent.Length, await accepted.Receive(received));
            Assert.True(rig.Simulation.Now - at > 20 * Second);
            Assert.Equal(0, await accepted.Receive(received));
            accepted.Dispose();
            await Task.WhenAll(socket.Completion, accepted.Completion);
        });
    }

    [Fact]
    public void Only_a_message_host_has_lanes() =>
        Assert.Throws<ArgumentException>(() => MspSockets.Over(new MspWorld().HostA.Host));
}

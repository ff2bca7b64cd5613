using MsgNet.Core;
using MsgNet.Testing;
using static MsgNet.Simulation.Tests.Lanes.LaneWorld;

namespace MsgNet.Simulation.Tests.Lanes;

/// <summary>Addresses with <c>/msp</c>, and the sockets of the MSP transport.</summary>
public class LaneSocketTests
{
    private readonly LaneWorld world = new();

    [Fact]
    [Covers("MA-023", "API-064")]
    public void A_peer_known_only_by_msp_is_sent_unreliable_messages_by_lanes_also_once_the_channel_stands()
    {
        var simulation = world.Simulation;
        var client = simulation.AddHost(new SimulatedHostOptions { Configure = options => options.Listen.Clear() });
        var bare = world.B.Host.Addresses[0].WithoutPeerId()!;
        client.Host.Network.Peerstore.AddAddress(world.B.Id, bare.Encapsulate("/msp"));
        world.SetHandler(world.B, "/other");
        _ = client.Host.SendMessage(world.B.Id, Chat, Numbered(1)).AsTask();
        world.Run(1);
        _ = client.Host.SendMessage(world.B.Id, "/other", Numbered(2)).AsTask();
        world.Run(1);

        Assert.Equal([1, 2], world.Got);
        Assert.All(world.Messages, message => Assert.Equal(Delivery.Reliable, message.Delivery));
        Assert.All(
            client.Host.Network.Peerstore.Addresses(world.B.Id),
            known => Assert.EndsWith("/msp", known.ToString(), StringComparison.Ordinal));

        // An address without the pin, and datagrams will do.
        client.Host.Network.Peerstore.AddAddress(world.B.Id, bare);
        world.SetHandler(world.B, "/third");
        _ = client.Host.SendMessage(world.B.Id, "/third", Numbered(3)).AsTask();
        world.Run(1);
        Assert.Equal(Delivery.Unreliable, world.Messages[2].Delivery);
    }

    [Fact]
    [Covers("API-104")]
    public void A_session_with_a_handler_of_its_own_takes_the_peers_messages_of_its_protocol()
    {
        var msp = world.B.Host.Network.Transports()[1];
        var socket = msp.Open();
        var got = new List<int>();
        var session = socket.NewSession("/own", new PeerInfo(world.A.Id), (message, _) =>
        {
            got.Add(message.Data.Length);
            return ValueTask.CompletedTask;
        });
        Assert.Equal(Delivery.ReliableOrdered, session.Guarantees.Delivery);
        Assert.Throws<InvalidOperationException>(() => socket.NewSession("/own", new PeerInfo(world.A.Id), (_, _) => default));

        var first = world.A.Host.SendMessage(world.B.Id, "/own", new byte[5], Tracked).AsTask();
        world.Run(1);
        Assert.True(first.IsCompletedSuccessfully);
        Assert.Equal([5], got);

        // It sends as well, to a peer that dialled, and takes nothing once it is closed.
        world.SetHandler(world.A, "/own");
        Assert.True(session.TrySend(Numbered(9)));
        world.Run(1);
        Assert.Equal([9], world.Got);
        _ = session.DisposeAsync().AsTask();
        world.Run(1);
        Assert.True(session.Completion.IsCompletedSuccessfully);
        var second = world.A.Host.SendMessage(world.B.Id, "/own", new byte[6], Tracked).AsTask();
        world.Run(1);
        Failure<ProtocolNotSupportedException>(second);
        Assert.Equal([5], got);
        _ = socket.DisposeAsync().AsTask();
    }

    [Fact]
    [Covers("API-103")]
    public void Raw_messages_are_read_in_order_and_wait_for_their_reader()
    {
        var (writer, reader) = (world.A.Host.Network.Transports()[1].Open(), world.B.Host.Network.Transports()[1].Open());
        var to = world.B.Host.Addresses[0];
        var buffer = new byte[16];
        var read = reader.ReadMessage(buffer).AsTask();
        var writes = Enumerable.Range(0, 2_000).Select(i => writer.WriteMessage(Numbered(i, 1_000), to).AsTask()).ToArray();
        world.Run(5);

        // Nothing is dropped: what finds no room waits in the lane, and then with its writers.
        Assert.Equal(16, Now(read).Bytes);
        Assert.Equal(0, BitConverter.ToInt32(buffer));
        Assert.Contains(writes, write => !write.IsCompleted);
        for (var i = 1; i < 2_000; i++)
        {
            read = reader.ReadMessage(buffer).AsTask();
            world.Run(0.1);
            Assert.Equal(world.A.Id, Now(read).From.TryGetPeerId(out var peer) ? peer : default);
            Assert.Equal(i, BitConverter.ToInt32(buffer));
        }

        Assert.All(writes, write => Assert.True(write.IsCompletedSuccessfully));
        _ = writer.DisposeAsync().AsTask();
        _ = reader.DisposeAsync().AsTask();
    }

    [Fact]
    public void A_reader_that_goes_away_refuses_what_waited_for_it()
    {
        var (writer, reader) = (world.A.Host.Network.Transports()[1].Open(), world.B.Host.Network.Transports()[1].Open());
        var to = world.B.Host.Addresses[0];
        _ = reader.ReadMessage(new byte[16]).AsTask();
        var writes = Enumerable.Range(0, 2_000).Select(i => writer.WriteMessage(Numbered(i, 1_000), to).AsTask()).ToArray();
        world.Run(5);
        _ = reader.DisposeAsync().AsTask();
        world.Run(5);

        Failure<ProtocolNotSupportedException>(writes[^1]);
        var late = writer.WriteMessage(Numbered(1), to).AsTask();
        Assert.True(late.IsCompletedSuccessfully);
        _ = writer.DisposeAsync().AsTask();
    }

    [Theory]
    [InlineData("/ip4/10.0.0.1/udp/1")]
    [InlineData("/ip4/10.0.0.1/udp/1/plain")]
    [InlineData("/memory/1")]
    public void What_lanes_cannot_be_written_to_is_refused(string address)
    {
        var socket = world.A.Host.Network.Transports()[1].Open();
        Assert.Throws<ArgumentException>(() => { _ = socket.WriteMessage(new byte[1], address).AsTask(); });
        Assert.Throws<ArgumentException>(() => { _ = socket.Listen("/ip4/0.0.0.0/udp/1/plain").AsTask(); });
        _ = socket.DisposeAsync().AsTask();
    }

    [Fact]
    [Covers("API-043")]
    public void A_socket_that_is_closed_ends_its_sessions_and_leaves_the_others_alone()
    {
        world.Hold();
        var socket = world.A.Host.Network.Transports()[1].Open();
        var own = socket.NewSession("/own", new PeerInfo(world.B.Id, [world.B.Host.Addresses[0].WithoutPeerId()!]), (_, _) => default);
        world.SetHandler(world.B, "/own");
        var others = world.Open(SendOptions.Ordered);
        Assert.True(own.TrySend(Numbered(1)));
        Assert.True(others.TrySend(Numbered(2)));
        world.Run(1);
        _ = socket.DisposeAsync().AsTask();
        world.Run(1);

        Assert.Equal(PeerLoss.ClosedLocally, Failure<SessionLostException>(own.Completion).Reason);
        Assert.False(others.Completion.IsCompleted);
        world.ReleaseAll();
        Assert.True(others.TrySend(Numbered(3)));
        world.Run(1);
        Assert.Equal([1, 2, 3], world.Got.Order());
        Assert.Single(world.NodeOfA.Peers);
    }
}

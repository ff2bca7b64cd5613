using MsgNet.Testing;
using static MsgNet.Tests.MemoryHosts;

namespace MsgNet.Tests.Memory;

/// <summary>Every member of sockets and sessions, over the memory transport.</summary>
public class SocketMemberTests
{
    private static readonly ProtocolId Chat = "/chat/1.0";

    [Fact]
    public async Task WriteMessage_and_ReadMessage_carry_bytes_outside_protocols_and_From_can_be_answered()
    {
        Pair(out var a, out var b);
        var near = a.Network.Transports()[0].Open();
        var far = b.Network.Transports()[0].Open();
        await Soon(far.Listen("/memory/0"));
        var buffer = new byte[4];
        var waiting = far.ReadMessage(buffer);
        Assert.False(waiting.IsCompleted);

        await Soon(near.WriteMessage("ping?"u8.ToArray(), far.Addresses[0].WithPeerId(b.Id)));
        var (from, bytes) = await Soon(waiting);

        // A longer message than the buffer is cut.
        Assert.Equal("ping"u8.ToArray(), buffer[..bytes]);
        Assert.True(from.TryGetPeerId(out var peer));
        Assert.Equal(a.Id, peer);
        await Soon(far.WriteMessage("pong"u8.ToArray(), from));
        (_, bytes) = await Soon(near.ReadMessage(buffer));
        Assert.Equal("pong"u8.ToArray(), buffer[..bytes]);
        await Soon(a.DisposeAsync());
        await Soon(b.DisposeAsync());
    }

    [Fact]
    public void A_write_outside_protocols_waits_until_the_reader_makes_room()
    {
        var platform = ManualPair(out var a, out var b);
        var near = a.Network.Transports()[0].Open();
        var far = b.Network.Transports()[0].Open();
        Assert.True(far.Listen("/memory/0").IsCompletedSuccessfully);
        var to = far.Addresses[0].WithPeerId(b.Id);
        Assert.True(near.WriteMessage(new byte[200_000], to).IsCompletedSuccessfully);

        var second = near.WriteMessage(new byte[200_000], to).AsTask();
        platform.Manual.Run();
        Assert.False(second.IsCompleted);

        Assert.Equal(10, Now(far.ReadMessage(new byte[10])).Bytes);
        platform.Manual.Run();
        Assert.True(second.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_cancelled_read_leaves_the_message_to_the_next()
    {
        Pair(out var a, out var b);
        var far = b.Network.Transports()[0].Open();
        await Soon(far.Listen("/memory/0"));
        using var cancellation = new CancellationTokenSource();
        var given = far.ReadMessage(new byte[1], cancellation.Token);
        cancellation.Cancel();
        await Assert.ThrowsAsync<OperationCanceledException>(() => Soon(given));

        var buffer = new byte[1];
        var read = far.ReadMessage(buffer);
        await Soon(a.Network.Transports()[0].Open().WriteMessage(new byte[] { 5 }, far.Addresses[0].WithPeerId(b.Id)));

        Assert.Equal(1, (await Soon(read)).Bytes);
        Assert.Equal(5, buffer[0]);
        await Soon(a.DisposeAsync());
        await Soon(b.DisposeAsync());
    }

    [Fact]
    public void A_sockets_transport_is_the_one_that_opened_it()
    {
        Pair(out var a, out _);
        var transport = a.Network.Transports()[0];

        Assert.Same(transport, transport.Open().Transport);
        Assert.Empty(transport.Open().Addresses);
    }

    [Covers("API-042")]
    [Covers("API-104")]
    [Fact]
    public async Task NewSession_has_its_own_handler_and_says_what_it_is()
    {
        Pair(out var a, out var b);
        var near = a.Network.Transports()[0].Open();
        var far = b.Network.Transports()[0].Open();
        await Soon(far.Listen("/memory/0"));
        var got = new TaskCompletionSource<byte>();
        var answered = new TaskCompletionSource<byte>();
        var listening = far.NewSession(Chat, new PeerInfo(a.Id), (message, _) =>
        {
            got.TrySetResult(message.Data.Span[0]);
            return ValueTask.CompletedTask;
        });
        var dialling = near.NewSession(Chat, new PeerInfo(b.Id, far.Addresses), (message, _) =>
        {
            answered.TrySetResult(message.Data.Span[0]);
            return ValueTask.CompletedTask;
        });

        await Soon(dialling.SendMessage(new byte[] { 1 }));
        Assert.Equal(1, await Soon(got.Task));
        Assert.True(listening.TrySend([2]));
        Assert.Equal(2, await Soon(answered.Task));

        Assert.Equal(Chat, dialling.Protocol);
        Assert.Equal(b.Id, dialling.Remote.Id);
        Assert.Same(near, dialling.Socket);
        Assert.Equal(Delivery.ReliableOrdered, dialling.Guarantees.Delivery);
        Assert.True(dialling.Binding.IsEmpty);
        Assert.Throws<InvalidOperationException>(() => near.NewSession(Chat, new PeerInfo(b.Id), (_, _) => ValueTask.CompletedTask));
        await Soon(dialling.DisposeAsync());
        await Soon(dialling.Completion);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Soon(dialling.SendMessage(new byte[1])));
        Assert.False(dialling.TrySend([1]));
        await Soon(a.DisposeAsync());
        await Soon(b.DisposeAsync());
    }

    [Fact]
    public async Task A_closed_socket_ends_its_reads_and_refuses_the_rest()
    {
        Pair(out var a, out var b);
        var socket = a.Network.Transports()[0].Open();
        var read = socket.ReadMessage(new byte[1]);

        await Soon(socket.DisposeAsync());
        await Soon(socket.DisposeAsync());

        await Assert.ThrowsAsync<ObjectDisposedException>(() => Soon(read));
        Assert.Throws<ObjectDisposedException>(() => { _ = socket.Listen("/memory/0").AsTask(); });
        Assert.Throws<ObjectDisposedException>(() => socket.NewSession(Chat, new PeerInfo(b.Id), (_, _) => ValueTask.CompletedTask));
        await Soon(a.DisposeAsync());
        await Soon(b.DisposeAsync());
    }
}

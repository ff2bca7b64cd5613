using Google.Protobuf;
using MsgNet.Core;
using MsgNet.Messi.Tests.Pairs;

namespace MsgNet.Messi.Tests;

/// <summary>Buffers of many connections: none is made anew for a message, and none is kept for nothing.</summary>
[Collection(Alone.Name)]
public sealed class BufferTests
{
    [Fact]
    public void What_nobody_wanted_for_a_while_is_dropped()
    {
        var time = new FakeTime();
        var buffers = new MessiBuffers(time);
        ReturnAll(RentMany(100, 8192));
        Assert.Equal(100 * 8192, buffers.Unused);

        time.Advance(10);
        ReturnAll(RentMany(40, 8192));
        Assert.Equal(100 * 8192, buffers.Unused);
        time.Advance(10);
        ReturnAll(RentMany(1, 4096));
        Assert.Equal((40 * 8192) + 4096, buffers.Unused);

        byte[][] RentMany(int count, int length) => [.. Enumerable.Range(0, count).Select(_ => buffers.Rent(length))];

        void ReturnAll(byte[][] rented)
        {
            foreach (var buffer in rented)
                buffers.Return(buffer);
        }
    }

    [Theory]
    [InlineData(1, 4096)]
    [InlineData(4096, 4096)]
    [InlineData(4097, 8192)]
    [InlineData(256 * 1024, 256 * 1024)]
    [InlineData((256 * 1024) + 1, 512 * 1024)]
    public void A_buffer_has_the_next_size(int wanted, int length)
    {
        var buffers = new MessiBuffers(new FakeTime());
        var buffer = buffers.Rent(wanted);
        Assert.Equal(length, buffer.Length);
        buffers.Return(buffer);
    }

    [Fact]
    public void Unused_ones_are_bounded()
    {
        var buffers = new MessiBuffers(new FakeTime());
        var rented = Enumerable.Range(0, 100).Select(_ => buffers.Rent(256 * 1024)).ToArray();
        foreach (var buffer in rented)
            buffers.Return(buffer);
        Assert.Equal(Limits.MessiPooledMax, buffers.Unused);
    }

    [Fact]
    [Covers("API-198")]
    public void A_thousand_connections_that_get_much_and_little_in_turn_allocate_nothing()
    {
        const int Clients = 1000;
        var server = new BareServer(new MessiServerOptions { TimeProvider = new FakeTime() });
        var streams = new HandStream[Clients];
        var links = new MessiLink[Clients];
        for (var i = 0; i < Clients; i++)
            links[i] = server.Admit(streams[i] = new HandStream());
        var frame = Frame(1200);
        var frames = Enumerable.Repeat(frame, 10).SelectMany(bytes => bytes).ToArray();
        Receive();
        Allocations.AssertNone(Receive);
        Assert.All(links, link => Assert.InRange(link.BufferLength, 8192, 32 * 1024));
        Assert.Equal(0, server.Received % (Clients * (10 + 20)));

        void Receive()
        {
            foreach (var stream in streams)
                stream.Push(frames);
            for (var message = 0; message < 20; message++)
            {
                foreach (var stream in streams)
                    stream.Push(frame);
            }
        }
    }

    [Fact]
    [Covers("API-198")]
    public void A_broadcast_to_a_thousand_whose_writes_take_time_allocates_nothing()
    {
        const int Clients = 1000;
        var message = new BarInd { Payload = ByteString.CopyFrom(new byte[1200]) };
        var server = new BareServer(new MessiServerOptions { TimeProvider = new FakeTime() });
        var streams = new HandStream[Clients];
        for (var i = 0; i < Clients; i++)
            server.Admit(streams[i] = new HandStream());
        Send();
        Allocations.AssertNone(Send);

        void Send()
        {
            // The first begins a write, the others wait behind it.
            for (var i = 0; i < 10; i++)
                server.Core.Broadcast(2, message);
            foreach (var stream in streams)
            {
                while (stream.Writing > 0)
                    stream.CompleteWrite();
            }
        }
    }

    [Fact]
    [Covers("API-198")]
    public void Connections_that_are_never_done_with_writing_go_on_with_their_buffers()
    {
        const int Clients = 300; // Of 128 KiB each they have more than is kept of those that nobody uses.
        var message = new BarInd { Payload = ByteString.CopyFrom(new byte[100_000]) };
        var server = new BareServer(new MessiServerOptions { TimeProvider = new FakeTime() });
        var streams = new HandStream[Clients];
        for (var i = 0; i < Clients; i++)
            server.Admit(streams[i] = new HandStream());
        server.Core.Broadcast(2, message);
        Send();
        Allocations.AssertNone(Send);

        void Send()
        {
            server.Core.Broadcast(2, message);
            foreach (var stream in streams)
                stream.CompleteWrite();
        }
    }

    private static byte[] Frame(int length)
    {
        var frame = new byte[8 + length];
        MessiFrame.WriteHeader(frame, MessiWireFormat.Documented, MessiRole.Client, MessiFrameKind.User, length);
        return frame;
    }
}

using Google.Protobuf;
using MsgNet.Core;
using MsgNet.Messi.Tests.Pairs;

namespace MsgNet.Messi.Tests;

/// <summary>A message costs its own objects and nothing else.</summary>
[Collection(Alone.Name)]
public sealed class AllocationTests
{
    private static readonly BarInd Message = new() { Number = 42, Payload = ByteString.CopyFrom(new byte[16]) };

    [Theory]
    [Covers("API-198")]
    [InlineData(MessiWireFormat.Documented)]
    [InlineData(MessiWireFormat.Compact)]
    public void Sending_allocates_nothing(MessiWireFormat format)
    {
        var output = new MessiOutput(new Sink(), MessiRole.Client, format, 1 << 20, 1 << 20, new Owner());
        Send();
        Allocations.AssertNone(Send);

        void Send()
        {
            var batch = MessiBatch.Begin();
            for (var i = 0; i < 1000; i++)
            {
                if (!output.Send(2, Message, default).IsCompletedSuccessfully || !output.TrySend(2, Message))
                    throw new InvalidOperationException("There is room for all of them.");
            }

            batch.End();
            output.SendControl();
        }
    }

    [Fact]
    [Covers("API-198")]
    public void Broadcasting_to_many_allocates_nothing()
    {
        const int Clients = 1000; // More than the shared pool has buffers.
        var server = new BareServer(new MessiServerOptions());
        for (var i = 0; i < Clients; i++)
            server.Admit(new Sink());
        Send();
        Allocations.AssertNone(Send);

        void Send()
        {
            if (server.Core.Broadcast(2, Message) != Clients)
                throw new InvalidOperationException("All of them are there.");
        }
    }

    [Fact]
    public async Task Receiving_allocates_the_message_and_nothing_else()
    {
        const int Messages = 10_000;
        var count = 0;
        var least = long.MaxValue;
        var done = new Log<long>();
        await using var server = new NumbersServer("tcp://127.0.0.1:0");
        long start = 0;
        server.OnBarInd = (_, message, _) =>
        {
            // The handlers of one read run on one thread; what is measured lies between two of them.
            var now = GC.GetAllocatedBytesForCurrentThread();
            if (message.Number == 0)
                start = now;
            else if (message.Number == 99)
                least = Math.Min(least, now - start);
            if (++count == Messages)
                done.Add(least);
            return default;
        };
        await server.Start();

        // 100 of them are one write, and so one read.
        var frames = new MemoryStream();
        for (var number = 0; number < 100; number++)
        {
            var payload = new ClientToServer { BarInd = new BarInd { Number = number, Payload = Message.Payload } }.ToByteArray();
            var header = new byte[8];
            MessiFrame.WriteHeader(header, MessiWireFormat.Documented, MessiRole.Client, MessiFrameKind.User, payload.Length);
            frames.Write(header);
            frames.Write(payload);
        }

        using var peer = await RawPeer.Connect(server.Address);
        for (var sent = 0; sent < Messages; sent += 100)
            await peer.Send(frames.ToArray());
        var perMessage = await done.Next() / 99;
        Assert.InRange(perMessage, 1, OfObjects());
    }

    /// <summary>What Google's parser allocates for one such message.</summary>
    private static long OfObjects()
    {
        var bytes = new ClientToServer { BarInd = Message }.ToByteArray();
        var least = long.MaxValue;
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            ClientToServer.Parser.ParseFrom(bytes.AsSpan());
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    private sealed class Owner : IMessiOutputOwner
    {
        public void OnControlsSent()
        {
        }

        public void OnSent(long messages, long bytes)
        {
        }

        public void OnWriteFailed(Exception exception, bool wasControl) => throw exception;
    }

    private sealed class Sink : MemoryStream
    {
        private readonly TaskCompletionSource<int> never = new();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(never.Task);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => default;
    }
}

using MsgNet.Testing;
using static MsgNet.Tests.MemoryHosts;

namespace MsgNet.Tests.Streams;

/// <summary>A name of messages is none of streams, and the reverse, whatever carries them and whatever stood before.</summary>
public abstract partial class StreamContract
{
    private static readonly ProtocolId Other = "/other/1.0";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Covers("API-176")]
    public async Task A_stream_to_a_name_of_messages_is_refused_and_its_bytes_are_no_message(bool met)
    {
        var handled = Takes(File);
        await Meet(met);
        await using var stream = (MessageStream)await A.OpenStream(B.Id, File);
        var read = stream.ReadAsync(new byte[1]).AsTask();
        await Ignore(stream.WriteAsync("no message"u8.ToArray()).AsTask());

        var failed = await Assert.ThrowsAsync<IOException>(() => Soon(read));
        Assert.IsType<ProtocolNotSupportedException>(failed.InnerException);
        var error = await Assert.ThrowsAsync<ProtocolNotSupportedException>(() => Soon(stream.Completion));
        Assert.Equal((B.Id, File), (error.Peer, error.Protocol));
        await Soon(A.SendMessage(B.Id, File, "message"u8.ToArray(), Tracked(Delivery.ReliableOrdered)));
        Assert.Equal(["message"], handled);
    }

    [Theory]
    [InlineData(true, Delivery.Reliable)]
    [InlineData(false, Delivery.Reliable)]
    [InlineData(true, Delivery.ReliableOrdered)]
    [InlineData(false, Delivery.ReliableOrdered)]
    [Covers("API-040")]
    public async Task A_message_to_a_name_of_streams_is_refused_and_no_stream_is_opened(bool met, Delivery delivery)
    {
        B.SetStreamHandler(File, Hold);
        await Meet(met);

        var sending = A.SendMessage(B.Id, File, "no stream"u8.ToArray(), Tracked(delivery));
        var error = await Assert.ThrowsAsync<ProtocolNotSupportedException>(() => Soon(sending));
        Assert.Equal((B.Id, File), (error.Peer, error.Protocol));
        var asking = A.Request(B.Id, File, "no stream"u8.ToArray(), new RequestOptions { Delivery = delivery });
        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => Soon(asking));
        Assert.Equal(RequestStatus.ProtocolNotSupported, refused.Status);

        await using var stream = await Open();
        await Soon(accepted.Reader.ReadAsync());
        Assert.False(accepted.Reader.TryRead(out _));
    }

    [Fact]
    [Covers("API-053", "API-182")]
    public async Task What_a_name_is_of_may_change_under_sessions_that_stand()
    {
        var handled = Takes(File);
        var options = Tracked(Delivery.ReliableOrdered);
        await Soon(A.SendMessage(B.Id, File, "first"u8.ToArray(), options));

        Assert.True(B.RemoveMessageHandler(File));
        var (near, far) = await Pair();
        await Assert.ThrowsAsync<ProtocolNotSupportedException>(() => Soon(A.SendMessage(B.Id, File, "second"u8.ToArray(), options)));

        Assert.True(B.RemoveStreamHandler(File));
        Takes(File, handled);
        await Soon(A.SendMessage(B.Id, File, "third"u8.ToArray(), options));
        var late = await Open();
        await Assert.ThrowsAsync<ProtocolNotSupportedException>(() => Soon(late.Completion));

        await near.WriteAsync(new byte[1]);
        Assert.Equal(1, await Soon(far.ReadAsync(new byte[2])));
        Assert.Equal(["first", "third"], handled);
    }

    private static SendOptions Tracked(Delivery delivery) => new() { Delivery = delivery, WaitForDelivery = true };

    // What is refused may be so while it is still being written.
    private static async Task Ignore(Task writing)
    {
        try
        {
            await Soon(writing);
        }
        catch (IOException)
        {
        }
    }

    // With a channel that stands, or by a first flight.
    private async Task Meet(bool met)
    {
        if (!met)
            return;

        Takes(Other);
        await Soon(A.SendMessage(B.Id, Other, "hello"u8.ToArray(), Tracked(Delivery.ReliableOrdered)));
    }

    private List<string> Takes(ProtocolId protocol, List<string>? handled = null)
    {
        handled ??= [];
        B.SetMessageHandler(protocol, message => handled.Add(System.Text.Encoding.ASCII.GetString(message.Data.Span)));
        return handled;
    }
}

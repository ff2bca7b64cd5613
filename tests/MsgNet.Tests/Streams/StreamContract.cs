using System.IO.Pipelines;
using System.Threading.Channels;
using MsgNet.Testing;
using static MsgNet.Tests.MemoryHosts;

namespace MsgNet.Tests.Streams;

/// <summary>What a stream is, whatever carries it: every carrier's fixture runs all of this.</summary>
public abstract partial class StreamContract : IAsyncLifetime
{
    protected const int Big = 3_000_000;
    protected static readonly ProtocolId File = "/file/1.0";
    private readonly Channel<MessageStream> accepted = Channel.CreateUnbounded<MessageStream>();
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Opens streams.</summary>
    internal MessageHost A { get; private set; } = null!;

    /// <summary>Takes them.</summary>
    internal MessageHost B { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        A = await Listening();
        B = await Listening();
        Introduce(A, B);
    }

    public async Task DisposeAsync()
    {
        done.TrySetResult();
        await A.Close(TimeSpan.Zero);
        await B.Close(TimeSpan.Zero);
    }

    [Fact]
    [Covers("API-007")]
    [Covers("API-172")]
    public async Task Bytes_go_both_ways_at_once_in_order()
    {
        B.SetStreamHandler(File, async (stream, from, cancellationToken) =>
        {
            Assert.Equal(A.Id, from);
            await stream.CopyToAsync(stream, 1000, cancellationToken);
        });
        await using var stream = await Open();
        var sent = Bytes(Big);
        var received = ReadAll(stream);
        foreach (var length in Lengths(sent.Length))
            await Soon(stream.WriteAsync(sent.AsMemory(length.Start, length.Count)));
        stream.CompleteWrites();

        Assert.Equal(sent, await Soon(received));
        await Soon(stream.Completion);
        Assert.Equal((B.Id, File), (stream.Remote, stream.Protocol));
    }

    [Fact]
    [Covers("API-171")]
    public async Task The_peer_learns_of_a_stream_on_which_nothing_was_written()
    {
        B.SetStreamHandler(File, async (stream, _, cancellationToken) => await stream.WriteAsync("first"u8.ToArray(), cancellationToken));
        var opening = A.OpenStream(B.Id, File);
        Assert.True(opening.IsCompletedSuccessfully);
        await using var stream = await opening;
        Assert.Equal("first"u8.ToArray(), await Soon(ReadAll(stream)));
    }

    [Fact]
    [Covers("API-172")]
    public async Task A_half_closed_stream_is_read_to_its_end_and_answered()
    {
        var (near, far) = await Pair();
        await near.WriteAsync("question"u8.ToArray());
        near.CompleteWrites();
        near.CompleteWrites();
        Assert.Equal("question"u8.ToArray(), await Soon(ReadAll(far)));
        Assert.Equal(0, await Soon(far.ReadAsync(new byte[1])));

        await far.WriteAsync("answer"u8.ToArray());
        far.CompleteWrites();
        Assert.Equal("answer"u8.ToArray(), await Soon(ReadAll(near)));
        await Soon(near.Completion);
        await Soon(far.Completion);
        Assert.Equal(0, await Soon(near.ReadAsync(new byte[1])));
    }

    [Fact]
    [Covers("API-173")]
    public async Task Writes_wait_while_the_peer_does_not_read()
    {
        var (near, far) = await Pair();
        var sent = Bytes(40_000_000);
        var write = near.WriteAsync(sent).AsTask();
        Assert.False(write.IsCompleted);

        var received = new byte[sent.Length];
        await Soon(far.ReadAsync(received.AsMemory(0, 1)));
        Assert.False(write.IsCompleted);
        await far.ReadExactlyAsync(received.AsMemory(1)).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
        await Soon(write);
        Assert.True(sent.AsSpan().SequenceEqual(received));
    }

    [Fact]
    [Covers("API-174")]
    public async Task A_cancelled_read_loses_nothing()
    {
        var (near, far) = await Pair();
        var buffer = new byte[100];
        for (var i = 0; i < 20; i++)
        {
            using var cancellation = new CancellationTokenSource();
            var read = far.ReadAsync(buffer, cancellation.Token).AsTask();
            cancellation.Cancel();
            var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon(read));
            Assert.Equal(cancellation.Token, cancelled.CancellationToken);
            await near.WriteAsync(new[] { (byte)i });
            Assert.Equal(1, await Soon(far.ReadAsync(buffer)));
            Assert.Equal(i, buffer[0]);
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon(far.ReadAsync(buffer, new CancellationToken(true))));
    }

    [Fact]
    [Covers("API-174")]
    public async Task A_cancelled_write_is_a_prefix_and_the_stream_goes_on()
    {
        var (near, far) = await Pair();
        var sent = Bytes(Big);
        using var cancellation = new CancellationTokenSource();
        var write = near.WriteAsync(sent, cancellation.Token).AsTask();
        cancellation.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon(write));

        var rest = ReadAll(far);
        await Soon(near.WriteAsync("tail"u8.ToArray()));
        near.CompleteWrites();
        var received = await Soon(rest);
        Assert.Equal("tail"u8.ToArray(), received[^4..]);
        Assert.InRange(received.Length, 5, sent.Length);
        Assert.Equal(sent[..(received.Length - 4)], received[..^4]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await far.WriteAsync(sent, new CancellationToken(true)));
    }

    [Fact]
    [Covers("API-175")]
    public async Task One_read_and_one_write_at_a_time()
    {
        var (near, far) = await Pair();
        var write = near.WriteAsync(Bytes(Big)).AsTask();
        var read = near.ReadAsync(new byte[1]).AsTask();

        Assert.Throws<InvalidOperationException>(() => { _ = near.ReadAsync(new byte[1]); });
        Assert.Throws<InvalidOperationException>(() => near.Read(new byte[1]));
        Assert.Throws<InvalidOperationException>(() => { _ = near.WriteAsync(new byte[1]); });
        Assert.Throws<InvalidOperationException>(() => near.Write(new byte[1]));
        Assert.Throws<InvalidOperationException>(near.CompleteWrites);

        await Soon(far.WriteAsync(new byte[1]));
        Assert.Equal(1, await Soon(read));
        await Soon(far.ReadExactlyAsync(new byte[Big]));
        await Soon(write);
        near.CompleteWrites();
        Assert.Throws<InvalidOperationException>(() => { _ = near.WriteAsync(new byte[1]); });
        Assert.False(near.CanWrite);
        Assert.True(near.CanRead);
    }

    [Fact]
    [Covers("API-172")]
    public async Task An_empty_read_completes_when_there_is_something()
    {
        var (near, far) = await Pair();
        var empty = far.ReadAsync(Memory<byte>.Empty).AsTask();
        Assert.False(empty.IsCompleted);
        await near.WriteAsync("xy"u8.ToArray());
        Assert.Equal(0, await Soon(empty));
        Assert.Equal(0, await Soon(far.ReadAsync(Memory<byte>.Empty)));
        Assert.Equal(2, await Soon(far.ReadAtLeastAsync(new byte[2], 2)));
        await near.WriteAsync(ReadOnlyMemory<byte>.Empty);
        near.CompleteWrites();
        Assert.Equal(0, await Soon(far.ReadAsync(new byte[1])));
    }

    [Fact]
    [Covers("API-172")]
    public async Task The_older_forms_of_reading_and_writing_work()
    {
        var (near, far) = await Pair();
        var sent = Bytes(Big);
        await Soon(Task.WhenAll(Task.Run(Write), Task.Run(Read)));

        void Write()
        {
            near.Write(sent, 0, 1000);
            near.EndWrite(near.BeginWrite(sent, 1000, 1000, null, null));
            near.WriteAsync(sent, 2000, 1000).GetAwaiter().GetResult();
            near.WriteByte(sent[3000]);
            near.Flush();
            near.FlushAsync().GetAwaiter().GetResult();
            near.Write(sent.AsSpan(3001));
            near.CompleteWrites();
        }

        void Read()
        {
            var received = new byte[sent.Length];
            var count = far.Read(received, 0, 1);
            count += far.EndRead(far.BeginRead(received, count, 500, null, null));
            count += far.ReadAsync(received, count, 500).GetAwaiter().GetResult();
            while (count < received.Length)
                count += far.Read(received.AsSpan(count));
            Assert.Equal(sent, received);
            Assert.Equal(-1, far.ReadByte());
        }
    }

    [Fact]
    [Covers("API-007")]
    public async Task Pipelines_run_over_streams()
    {
        var (near, far) = await Pair();
        var writer = PipeWriter.Create(near);
        await writer.WriteAsync("over a pipe"u8.ToArray());
        await writer.CompleteAsync();
        var reader = PipeReader.Create(far);
        var read = await Soon(reader.ReadAtLeastAsync(11));
        Assert.Equal("over a pipe"u8.ToArray(), System.Buffers.BuffersExtensions.ToArray(read.Buffer));
        await reader.CompleteAsync();
    }

    [Fact]
    [Covers("API-172")]
    public async Task A_stream_has_no_length_and_no_place()
    {
        var (near, _) = await Pair();
        Assert.False(near.CanSeek);
        Assert.False(near.CanTimeout);
        Assert.Throws<NotSupportedException>(() => near.Length);
        Assert.Throws<NotSupportedException>(() => near.Position);
        Assert.Throws<NotSupportedException>(() => near.Position = 0);
        Assert.Throws<NotSupportedException>(() => near.Seek(0, SeekOrigin.Begin));
        Assert.Throws<NotSupportedException>(() => near.SetLength(0));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => near.FlushAsync(new CancellationToken(true)));
    }

    /// <summary>A host that listens, over the carrier that is tested.</summary>
    private protected abstract ValueTask<MessageHost> Listening();

    private protected static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private protected static async Task<byte[]> ReadAll(Stream stream)
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all, 5000);
        return all.ToArray();
    }

    private protected async Task<MessageStream> Open() => (MessageStream)await Soon(A.OpenStream(B.Id, File));

    /// <summary>Both ends of a stream; the far one's handler goes on until the test is over.</summary>
    private protected async Task<(MessageStream Near, MessageStream Far)> Pair()
    {
        B.SetStreamHandler(File, Hold);
        var near = await Open();
        return (near, await Soon(accepted.Reader.ReadAsync()));
    }

    private protected ValueTask Hold(Stream stream, PeerId from, CancellationToken cancellationToken)
    {
        accepted.Writer.TryWrite((MessageStream)stream);
        return new ValueTask(done.Task);
    }

    // Of every size from nothing to much.
    private static IEnumerable<(int Start, int Count)> Lengths(int total)
    {
        var random = new Random(1);
        for (var start = 0; start < total;)
        {
            var count = Math.Min(total - start, random.Next(1 << random.Next(20)));
            yield return (start, count);
            start += count;
        }
    }
}

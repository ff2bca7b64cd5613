using System.IO.Pipelines;
using System.Text;
using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Simulation.Tests;

/// <summary>A connection as a stream or a pipe: bytes, and no messages.</summary>
public sealed class MspStreamTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(0)]
    [InlineData(0.2)]
    [Covers("MSP-161", "MSP-162", "MSP-163")]
    public void Bytes_arrive_whole_both_ways(double loss)
    {
        using var world = new MspWorld(link: new LinkOptions { Delay = TimeSpan.FromMilliseconds(20), Loss = loss });
        var (socket, accepted) = MspWaitTests.Pair(world);
        var sent = new byte[100_000];
        new SeededRandom(1, 0).Fill(sent);
        world.Simulation.Run(async () =>
        {
            await using var here = socket.AsStream();
            await using var there = accepted.AsStream();
            var echoing = Echo(there, accepted);
            var writing = Write(here, socket, sent);
            var received = new MemoryStream();
            await here.CopyToAsync(received, 777);
            await Task.WhenAll(echoing, writing);
            Assert.Equal(sent, received.ToArray());
            await Task.WhenAll(socket.Completion, accepted.Completion);
        });

        static async Task Echo(Stream stream, MspSocket socket)
        {
            await stream.CopyToAsync(stream);
            socket.Shutdown();
        }

        static async Task Write(Stream stream, MspSocket socket, byte[] bytes)
        {
            await stream.WriteAsync(bytes);
            await stream.FlushAsync();
            socket.Shutdown();
        }
    }

    [Fact]
    [Covers("MSP-161", "MSP-162")]
    public void Writes_become_the_largest_messages_and_reads_ignore_where_they_end()
    {
        using var world = new MspWorld();
        var seen = new MspRecorder(world);
        world.Listen(seen.Handle);
        var socket = world.Connect(null);
        var writing = socket.AsStream().WriteAsync(new byte[2_500]).AsTask();
        Assert.True(world.RunUntil(() => seen.Messages.Count() == 3));
        Assert.True(writing.IsCompletedSuccessfully);
        Assert.Equal([1_024, 1_024, 452], seen.Messages.Select(message => message.Length));

        var accepted = seen.Calls[0].Socket;
        accepted.TrySend("ab"u8);
        accepted.TrySend("cdef"u8);
        world.Simulation.Run(async () =>
        {
            var buffer = new byte[6];
            await socket.AsStream().ReadExactlyAsync(buffer);
            Assert.Equal("abcdef", Encoding.ASCII.GetString(buffer));
        });
    }

    [Fact]
    [Covers("MSP-161")]
    public void A_lost_connection_is_an_IOException_and_an_end_is_an_end()
    {
        using var world = new MspWorld();
        var (socket, accepted) = MspWaitTests.Pair(world);
        var reading = accepted.AsStream().ReadAsync(new byte[1]).AsTask();
        socket.Stop();
        world.Run(Second);
        var lost = Assert.IsType<IOException>(reading.Exception!.InnerException);
        Assert.IsType<MsgNetException>(lost.InnerException);
        Assert.IsType<IOException>(accepted.AsStream().WriteAsync(new byte[1]).AsTask().Exception!.InnerException);

        using var other = new MspWorld();
        (socket, accepted) = MspWaitTests.Pair(other);
        socket.Shutdown();
        other.Run(Second);
        Assert.Equal(0, MspWorld.ResultOf(accepted.AsStream().ReadAsync(new byte[1])));
    }

    [Fact]
    [Covers("MSP-163")]
    public void A_write_that_was_cut_short_does_not_pass_for_the_whole()
    {
        using var world = new MspWorld(a: MspProfile.Serval);
        var (socket, accepted) = MspWaitTests.Pair(world);
        var stream = socket.AsStream();
        using var cancel = new CancellationTokenSource();
        var writing = stream.WriteAsync(new byte[20_000], cancel.Token).AsTask();
        cancel.Cancel();
        world.Run(Second);
        Assert.True(writing.IsCanceled);
        stream.Dispose();
        world.Run(Second);
        Assert.True(accepted.States.HasFlag(MspStates.Stopped));
        Assert.IsType<IOException>(accepted.AsStream().ReadAsync(new byte[1]).AsTask().Exception!.InnerException);
    }

    [Fact]
    [Covers("MSP-161", "MSP-162")]
    public void A_stream_has_one_read_and_one_write_at_a_time()
    {
        using var world = new MspWorld(a: MspProfile.Serval);
        var (socket, _) = MspWaitTests.Pair(world);
        var stream = socket.AsStream();
        var reading = stream.ReadAsync(new byte[1]).AsTask();
        Assert.Throws<InvalidOperationException>(() => { _ = stream.ReadAsync(new byte[1]); });
        var writing = stream.WriteAsync(new byte[20_000]).AsTask();
        Assert.Throws<InvalidOperationException>(() => { _ = stream.WriteAsync(new byte[1]); });
        stream.Dispose();
        world.Run(Second);
        Assert.IsType<ObjectDisposedException>(reading.Exception!.InnerException);
        Assert.IsType<ObjectDisposedException>(writing.Exception!.InnerException);
    }

    [Fact]
    [Covers("MSP-163")]
    public void A_stream_says_what_it_can()
    {
        using var world = new MspWorld();
        var (socket, accepted) = MspWaitTests.Pair(world);
        var stream = socket.AsStream();
        Assert.True(stream is { CanRead: true, CanWrite: true, CanSeek: false, CanTimeout: false });
        Assert.Throws<NotSupportedException>(() => stream.Length);
        Assert.Throws<NotSupportedException>(() => stream.Position);
        Assert.Throws<NotSupportedException>(() => stream.Seek(0, SeekOrigin.Begin));
        Assert.Throws<NotSupportedException>(() => stream.SetLength(0));
        stream.Dispose();
        Assert.False(stream.CanRead || stream.CanWrite);
        Assert.False(socket.IsValid);
        world.Run(Second);
        Assert.True(accepted.IsShutdownRemote);
        Assert.Throws<InvalidOperationException>(() => world.Connect((_, _, message) => message.Length).AsStream());
        Assert.Throws<InvalidOperationException>(() => world.Connect((_, _, message) => message.Length).AsPipe());
    }

    [Fact]
    [Covers("MSP-164")]
    public void A_pipe_carries_bytes_and_its_ends_complete_one_by_one()
    {
        using var world = new MspWorld();
        var (socket, accepted) = MspWaitTests.Pair(world);
        world.Simulation.Run(async () =>
        {
            var here = socket.AsPipe();
            var there = accepted.AsPipe();
            await here.Output.WriteAsync("question\n"u8.ToArray());
            Assert.Equal("question\n", await ReadLine(there.Input));
            await here.Output.CompleteAsync();
            Assert.True(socket.IsShutdownLocal);
            Assert.True(socket.IsValid);
            var end = await there.Input.ReadAsync();
            Assert.True(end.IsCompleted && end.Buffer.IsEmpty);

            await there.Output.WriteAsync("answer\n"u8.ToArray());
            Assert.Equal("answer\n", await ReadLine(here.Input));
            await there.Output.CompleteAsync();
            await there.Input.CompleteAsync();
            Assert.False(accepted.IsValid);
            await here.Input.CompleteAsync();
            Assert.False(socket.IsValid);
            await Task.WhenAll(socket.Completion, accepted.Completion);
        });

        static async Task<string> ReadLine(PipeReader input)
        {
            while (true)
            {
                var read = await input.ReadAsync();
                var text = Encoding.ASCII.GetString(read.Buffer);
                if (text.EndsWith('\n'))
                {
                    input.AdvanceTo(read.Buffer.End);
                    return text;
                }

                input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
    }
}

using MsgNet.Messi;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Messi;

/// <summary>Whatever comes, a reader neither throws nor keeps anything, and frames do not depend on where the bytes are cut.</summary>
public sealed class MessiFuzzTests
{
    private const int PayloadMax = 300;

    [Theory]
    [InlineData(MessiWireFormat.Documented, MessiRole.Client)]
    [InlineData(MessiWireFormat.Documented, MessiRole.Server)]
    [InlineData(MessiWireFormat.Compact, MessiRole.Client)]
    [InlineData(MessiWireFormat.Compact, MessiRole.Server)]
    [Covers("MESSI-005", "MESSI-011", "MESSI-013", "MESSI-014", "MESSI-015")]
    public void Mutated_streams_are_read_alike_in_whole_and_in_pieces(MessiWireFormat format, MessiRole role)
    {
        var mutator = new Mutator(3);
        var corpus = Corpus(format, role);
        var ends = new int[4];
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = mutator.Next(corpus);
            var whole = new MessiReading(format, role, PayloadMax);
            whole.Receive(bytes);
            var pieces = new MessiReading(format, role, PayloadMax);
            var left = bytes;
            while (!left.IsEmpty)
            {
                var length = mutator.Random.Next(1, Math.Min(left.Length, 40) + 1);
                if (!pieces.Receive(left[..length]))
                    break;
                left = left[length..];
            }

            Assert.Equal(whole.Last, pieces.Last);
            Assert.True(whole.Last != MessiReadStatus.NeedMore || bytes.IsEmpty || whole.Needed == pieces.Needed);
            Assert.Equal(Shown(whole), Shown(pieces));
            Assert.All(whole.Frames, frame => Assert.True(frame.Payload.Length <= PayloadMax));
            Assert.True(role == MessiRole.Client || whole.Frames.All(frame => frame.Kind != MessiFrameKind.Unknown));
            ends[(int)whole.Last]++;
        }

        Assert.True(ends[(int)MessiReadStatus.NeedMore] > 100 && ends[(int)MessiReadStatus.TooBig] > 100, string.Join(' ', ends));
        Assert.Equal(role == MessiRole.Server, ends[(int)MessiReadStatus.Unexpected] > 100);
    }

    // An independent reader of whole buffers, which knows nothing of pieces and skipping.
    [Theory]
    [InlineData(MessiRole.Client)]
    [InlineData(MessiRole.Server)]
    [Covers("MESSI-003", "MESSI-004", "MESSI-005")]
    public void A_naive_reader_sees_the_same(MessiRole role)
    {
        var mutator = new Mutator(17);
        var corpus = Corpus(MessiWireFormat.Compact, role);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = mutator.Next(corpus);
            var reading = new MessiReading(MessiWireFormat.Compact, role, PayloadMax);
            reading.Receive(bytes);
            var (user, alive) = role == MessiRole.Server ? (1, 3) : (2, 4);
            var naive = MessiBytes.ReadCompact(bytes)
                .TakeWhile(frame => role == MessiRole.Client || frame.Type == user || frame.Type == alive)
                .TakeWhile(frame => frame.Payload.Length <= PayloadMax)
                .Select(frame => frame.Type == user ? Convert.ToHexString(frame.Payload) : frame.Type == alive ? "alive" : "unknown");
            Assert.Equal(naive, Shown(reading));
        }
    }

    [Fact]
    public void Frames_of_the_steady_state_allocate_nothing()
    {
        byte[] bytes = [.. MessiBytes.Compact(1, new byte[100]), .. MessiBytes.Compact(3), .. MessiBytes.Compact(1, new byte[5])];
        var header = new byte[MessiFrame.HeaderLengthMax + MessiMember.HeaderLengthMax];
        var machine = new MessiServerMachine(Instant.Zero, new MessiServerSettings());
        var count = 0;
        Allocations.AssertNone(() =>
        {
            var reader = new MessiFrameReader(MessiWireFormat.Compact, MessiRole.Server, 1000);
            for (var i = 0; i < 1_000; i++)
            {
                ReadOnlySpan<byte> input = bytes;
                while (reader.Read(ref input, out var kind, out var payload) == MessiReadStatus.Frame)
                {
                    count += payload.Length;
                    if (kind == MessiFrameKind.Ping)
                        machine.OnPing(Instant.Zero);
                    var length = MessiFrame.WriteHeader(header, MessiWireFormat.Compact, MessiRole.Server, MessiFrameKind.User, 7);
                    MessiMember.WriteHeader(header.AsSpan(length), 16, 1000);
                }
            }
        });
        Assert.True(count >= 105_000);
    }

    private static byte[][] Corpus(MessiWireFormat format, MessiRole role)
    {
        var sender = role == MessiRole.Server ? MessiRole.Client : MessiRole.Server;
        var user = MessiFrame.TypeOf(format, sender, MessiFrameKind.User);
        var alive = MessiFrame.TypeOf(format, sender, role == MessiRole.Server ? MessiFrameKind.Ping : MessiFrameKind.Pong);
        return
        [
            [.. Frame(user, 10, 0), .. Frame(alive), .. Frame(user), .. Frame(user, 1, 2, 3)],
            [.. Frame(alive, 1, 2, 3), .. Frame(alive), .. Frame(alive, new byte[200])],
            [.. Frame(user, new byte[PayloadMax]), .. Frame(user, 7)],
            [.. Frame(user, 7), .. Frame(user, new byte[PayloadMax + 1])],
            [.. Frame(user, 7), .. Frame(99, 1, 2, 3), .. Frame(user, 8)],
            [.. Frame(alive), .. Frame(user, new byte[40])[..20]],
        ];

        byte[] Frame(uint type, params byte[] payload) =>
            format == MessiWireFormat.Compact ? MessiBytes.Compact((int)type, payload) : MessiBytes.Documented(type, payload);
    }

    private static IEnumerable<string> Shown(MessiReading reading) => reading.Frames.Select(frame => frame.Kind switch
    {
        MessiFrameKind.User => Convert.ToHexString(frame.Payload),
        MessiFrameKind.Unknown => "unknown",
        _ => "alive",
    });
}

using System.Globalization;
using System.Text.Json;
using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Recovery;

public sealed class ReportFrameTests
{
    private static readonly JsonElement Vectors = RepositoryFiles.Vectors("report.json");

    public static TheoryData<string> Valid => [.. Names("valid")];

    public static TheoryData<string> Invalid => [.. Names("invalid")];

    [Theory]
    [MemberData(nameof(Valid))]
    [Covers("REC-001")]
    public void A_vector_is_written_and_read(string name)
    {
        var vector = Find("valid", name);
        var ranges = vector.GetProperty("ranges").EnumerateArray()
            .Select(range => new ReportRange(Number(range[0].GetString()!), Number(range[1].GetString()!))).ToArray();
        var index = uint.Parse(vector.GetProperty("index").GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var frame = Convert.FromHexString(vector.GetProperty("frame").GetString()!);

        var buffer = new byte[frame.Length];
        var writer = new WireWriter(buffer);
        Assert.True(ReportFrame.TryWrite(ref writer, index, vector.GetProperty("delay_us").GetUInt64(), ranges));
        Assert.Equal(frame, writer.Written.ToArray());

        var lengthSize = Uvarint.Read(frame, out var length);
        Assert.Equal((ulong)(frame.Length - lengthSize), length);
        Assert.Equal(ReportFrame.Type, frame[lengthSize]);
        Assert.True(ReportFrame.TryRead(frame.AsSpan(lengthSize + 1), out var report));
        Assert.Equal(index, report.Index);
        Assert.Equal(ranges[0].Largest, report.Largest);
        Assert.Equal(vector.GetProperty("delay_us").GetUInt64(), report.DelayMicroseconds);
        Assert.Equal(ranges, Collect(report));
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    [Covers("REC-002")]
    public void A_bad_body_is_refused(string name) =>
        Assert.False(ReportFrame.TryRead(Convert.FromHexString(Find("invalid", name).GetProperty("body").GetString()!), out _));

    [Fact]
    [Covers("REC-002")]
    public void Every_truncation_is_refused()
    {
        foreach (var vector in Vectors.GetProperty("valid").EnumerateArray())
        {
            var frame = Convert.FromHexString(vector.GetProperty("frame").GetString()!);
            var body = frame.AsSpan(Uvarint.Read(frame, out _) + 1);
            for (var length = 0; length < body.Length; length++)
                Assert.False(ReportFrame.TryRead(body[..length], out _));
        }
    }

    [Fact]
    [Covers("REC-005")]
    public void Without_room_the_oldest_ranges_are_left_out_and_then_nothing_is_written()
    {
        ReportRange[] ranges = [new(100, 110), new(50, 60), new(10, 20)];
        var buffer = new byte[64];
        var whole = new WireWriter(buffer);
        Assert.True(ReportFrame.TryWrite(ref whole, 1, 0, ranges));
        var least = whole.Position - 4;

        for (var room = 0; room <= whole.Position; room++)
        {
            var writer = new WireWriter(buffer.AsSpan(0, room));
            var written = ReportFrame.TryWrite(ref writer, 1, 0, ranges);
            Assert.Equal(room >= least, written);
            Assert.False(writer.Overflowed);
            if (!written)
            {
                Assert.Equal(0, writer.Position);
                continue;
            }

            Assert.True(ReportFrame.TryRead(writer.Written[2..], out var report));
            Assert.Equal(ranges[..(1 + ((room - least) / 2))], Collect(report));
        }
    }

    [Fact]
    public void Ranges_that_are_no_ranges_are_the_callers_mistake()
    {
        Refused([]);
        Refused([new(5, 4)]);
        Refused([new(5, 6), new(4, 4)]);
        Refused([new(5, 6), new(9, 9)]);
        Refused([new(1, 6), new(0, 0)]);
        Refused([.. Enumerable.Range(0, 34).Select(i => new ReportRange((ulong)(200 - (2 * i)), (ulong)(200 - (2 * i))))]);

        static void Refused(ReportRange[] ranges) => Assert.Throws<ArgumentException>(() =>
        {
            var writer = new WireWriter(new byte[300]);
            ReportFrame.TryWrite(ref writer, 1, 0, ranges);
        });
    }

    private static List<ReportRange> Collect(ReportFrame report)
    {
        var ranges = new List<ReportRange>();
        foreach (var range in report)
            ranges.Add(range);
        return ranges;
    }

    private static ulong Number(string text) => ulong.Parse(text, CultureInfo.InvariantCulture);

    private static IEnumerable<string> Names(string group) =>
        Vectors.GetProperty(group).EnumerateArray().Select(vector => vector.GetProperty("name").GetString()!);

    private static JsonElement Find(string group, string name) =>
        Vectors.GetProperty(group).EnumerateArray().First(vector => vector.GetProperty("name").GetString() == name);
}

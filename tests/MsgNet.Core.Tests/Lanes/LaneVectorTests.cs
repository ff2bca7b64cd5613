using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Lanes;

/// <summary>specs/vectors/lanes.json, each way: what a table writes is what stands there, and the other table understands it.</summary>
public sealed partial class LaneVectorTests
{
    private static readonly JsonElement Vectors = RepositoryFiles.Vectors("lanes.json");

    public static TheoryData<string> Names =>
        [.. Vectors.GetProperty("lanes").EnumerateArray().Select(v => v.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Names))]
    [Covers("MP-008", "MP-009", "LANE-001", "LANE-011", "LANE-013", "LANE-014", "LANE-021", "LANE-040")]
    public void A_lane_is_written_to_the_byte_and_understood(string name)
    {
        var vector = Vectors.GetProperty("lanes").EnumerateArray().Single(v => v.Text("name") == name);
        var now = Instant.FromMicroseconds(1_000_000);
        var opener = new LaneHost("opener", 0, new LaneSettings());
        var limit = vector.TryGetProperty("limit", out var most) ? most.GetInt32() : Limits.ReliableMessageDefault;
        var acceptor = new LaneHost("acceptor", 1, new LaneSettings { MessageSizeMax = limit });
        var kind = Enum.Parse<LaneKind>(vector.Text("kind"));
        var protocol = vector.TryGetProperty("protocol", out var named) ? named.GetString()! : "/a";
        var room = vector.TryGetProperty("room", out var given) ? given.GetInt32() : LanePair.FrameRoom;
        var lane = opener.Open(now, protocol, kind);
        foreach (var step in vector.GetProperty("steps").EnumerateArray())
        {
            var (from, to) = step.Text("by") == "opener" ? (opener, acceptor) : (acceptor, opener);
            to.Messages.Clear();
            foreach (var action in step.GetProperty("does").EnumerateArray())
                Act(now, from, to, lane, action.GetString()!.Split(' '));
            from.Tick(now);
            var list = Write(now, from.Table, room);
            if (step.Text("writes") is { Length: > 0 } expected)
                Assert.Equal(Hex(expected), Convert.ToHexStringLower(list));
            to.Receive(now, list);
            to.Tick(now);
            Assert.Equal(
                step.GetProperty("messages").EnumerateArray().Select(message => Hex(message.GetString()!)),
                to.Received().Select(Convert.ToHexStringLower));
        }
    }

    private static void Act(Instant now, LaneHost from, LaneHost to, Lane lane, string[] action)
    {
        switch (action[0])
        {
            case "send":
                Assert.True(from.Table.TrySend(now, lane, Convert.FromHexString(action[1])));
                break;
            case "fill":
                Assert.True(from.Table.TrySend(now, lane, new byte[int.Parse(action[1], CultureInfo.InvariantCulture)]));
                break;
            case "each":
                for (byte i = 1; i <= int.Parse(action[1], CultureInfo.InvariantCulture); i++)
                {
                    Assert.True(from.Table.TrySend(now, lane, [i]));
                    to.Receive(now, Write(now, from.Table, LanePair.FrameRoom));
                }

                break;
            case "shutdown":
                from.Table.Shutdown(now, lane);
                break;
            case "abort":
                from.Table.Abort(now, lane, LaneEnd.Aborted, from.Events);
                from.Handle(now);
                break;
            default:
                Assert.Equal("consume", action[0]);
                break;
        }
    }

    private static byte[] Write(Instant now, LaneTable table, int room)
    {
        var writer = new WireWriter(new byte[room]);
        var items = new PacketItems();
        table.WriteControl(now, riding: true, ref writer, items);
        table.WriteSegments(now, room, early: false, ref writer, items);
        return writer.Written.ToArray();
    }

    private static string Hex(string text) => Zeros().Replace(text.Replace(" ", ""), match =>
        new string('0', 2 * int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)));

    [GeneratedRegex(@"\{(\d+)\}")]
    private static partial Regex Zeros();
}

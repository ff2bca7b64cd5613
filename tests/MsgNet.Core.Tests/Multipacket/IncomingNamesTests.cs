using System.Text;
using MsgNet.Core;
using MsgNet.Core.Tests.Frames;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Multipacket;

public sealed class IncomingNamesTests
{
    private readonly ProtocolRegistry registry = new();
    private readonly IncomingNames names = new(new ResetBudget());

    public IncomingNamesTests()
    {
        registry.Register("/a");
        registry.Register("/b");
    }

    [Fact]
    [Covers("MP-037", "MP-039")]
    public void First_init_maps_the_number_and_is_acknowledged()
    {
        Assert.Equal(InitStatus.Taken, Init(0, "/a", p: 7, t: 9));
        Assert.True(names.TryResolve(At(0), 7, out var entry));
        Assert.Equal("/a", entry.Id.Name);
        Assert.Equal("03020009", Control(0));
        Assert.Equal("", Control(0));
    }

    [Fact]
    [Covers("MP-037")]
    public void Ack_is_repeated_at_most_every_25_ms_while_inits_come()
    {
        Init(0, "/a", p: 7, t: 9);
        Control(0);
        Init(24, "/a", p: 7, t: 9);
        Assert.Equal("", Control(24));
        Init(25, "/a", p: 7, t: 9);
        Assert.Equal("03020009", Control(25));
        Init(26, "/a", p: 7, t: 10);
        Assert.Equal("0302000a", Control(26));
        Assert.Equal("", Control(500));
    }

    [Fact]
    [Covers("MP-036")]
    public void Transport_id_0_wants_no_ack()
    {
        Assert.Equal(InitStatus.Taken, Init(0, "/a", p: 1, t: 0));
        Assert.False(names.HasControl(At(0)));
    }

    [Fact]
    [Covers("MP-033", "MP-037")]
    public void Init_of_an_unknown_protocol_is_reset_and_leaves_nothing()
    {
        Assert.Equal(InitStatus.NotSupported, Init(0, "/nobody", p: 7, t: 9));
        Assert.Equal(0, names.Count);
        Assert.Equal("03040007", Control(0));
        Assert.False(names.TryResolve(At(0), 7, out _));
    }

    [Fact]
    [Covers("MP-043")]
    public void Continuation_of_an_unknown_number_is_reset_once_until_written()
    {
        Assert.False(names.TryResolve(At(0), 7, out _));
        Assert.False(names.TryResolve(At(0), 7, out _));
        Assert.Equal("03040007", Control(0));
        Assert.False(names.TryResolve(At(0), 7, out _));
        Assert.Equal("03040007", Control(0));
    }

    [Fact]
    [Covers("MP-043")]
    public void Ten_resets_a_second_and_no_backlog()
    {
        for (var p = 1; p <= 1000; p++)
            names.TryResolve(At(p / 10), (ushort)p, out _);
        Assert.Equal(10, Control(100).Length / 8);
        for (var p = 1; p <= 1000; p++)
            names.TryResolve(At(200), (ushort)p, out _);
        Assert.False(names.HasControl(At(1099)));
        Assert.Equal("", Control(1100));
        names.TryResolve(At(1100), 5, out _);
        Assert.Equal("03040005", Control(1100));
    }

    [Fact]
    [Covers("MP-043")]
    public void Carriers_of_one_peer_share_the_budget()
    {
        var budget = new ResetBudget();
        var first = new IncomingNames(budget);
        var second = new IncomingNames(budget);
        for (ushort p = 1; p <= 10; p++)
        {
            first.TryResolve(At(0), p, out _);
            second.TryResolve(At(0), p, out _);
        }

        var writer = new WireWriter(new byte[1000]);
        Assert.True(first.TryWriteControl(At(0), ref writer));
        Assert.False(second.TryWriteControl(At(0), ref writer));
        Assert.Equal(10 * 4, writer.Position);
        Assert.True(second.TryWriteControl(At(1000), ref writer));
        Assert.Equal(20 * 4, writer.Position);
    }

    [Fact]
    [Covers("MP-035")]
    public void Known_name_takes_a_new_number()
    {
        Init(0, "/a", p: 7, t: 9);
        Assert.True(names.TryResolve(At(0), 7, out _));
        Assert.Equal(InitStatus.Taken, Init(0, "/a", p: 8, t: 10));
        Assert.Equal(1, names.Count);
        Assert.True(names.TryResolve(At(0), 8, out _));
        Assert.False(names.TryResolve(At(0), 7, out _));
    }

    [Fact]
    [Covers("MP-035")]
    public void Known_number_with_another_name_is_bad_and_changes_nothing()
    {
        Init(0, "/a", p: 7, t: 9);
        Control(0);
        Assert.Equal(InitStatus.Bad, Init(0, "/b", p: 7, t: 10));
        Assert.Equal(InitStatus.Bad, Init(0, "/nobody", p: 7, t: 10));
        Assert.True(names.TryResolve(At(0), 7, out var entry));
        Assert.Equal("/a", entry.Id.Name);
        Assert.Equal(1, names.Count);
        Assert.False(names.HasControl(At(0)));
    }

    [Fact]
    [Covers("MP-034")]
    public void Name_257_is_bad_and_none_is_evicted()
    {
        for (var i = 0; i < Limits.NamesMax; i++)
        {
            registry.Register($"/{i}");
            Assert.Equal(InitStatus.Taken, Init(0, $"/{i}", p: i + 1, t: i + 1));
        }

        Assert.Equal(InitStatus.Bad, Init(0, "/a", p: 300, t: 300));
        Assert.Equal(Limits.NamesMax, names.Count);
        Assert.Equal(InitStatus.Taken, Init(0, "/0", p: 400, t: 400));
        for (var i = 1; i < Limits.NamesMax; i++)
            Assert.True(names.TryResolve(At(0), (ushort)(i + 1), out _));
        Assert.Equal(Limits.NamesMax * 4, Control(0).Length / 2);
    }

    [Fact]
    [Covers("MP-037", "MP-043")]
    public void Protocol_that_loses_its_handler_is_reset_and_may_come_back()
    {
        Init(0, "/a", p: 7, t: 9);
        Control(0);
        registry.Unregister("/a");
        Assert.False(names.TryResolve(At(0), 7, out _));
        Assert.Equal("03040007", Control(0));
        Assert.Equal(InitStatus.NotSupported, Init(0, "/a", p: 8, t: 10));
        Assert.Equal("03040008", Control(0));
        registry.Register("/a");
        Assert.Equal(InitStatus.Taken, Init(0, "/a", p: 9, t: 11));
        Assert.True(names.TryResolve(At(0), 9, out _));
    }

    [Fact]
    public void Reset_that_has_not_left_is_forgotten_when_the_number_becomes_known()
    {
        names.TryResolve(At(0), 7, out _);
        Assert.Equal(InitStatus.Taken, Init(0, "/a", p: 7, t: 9));
        Assert.Equal("03020009", Control(0));
    }

    [Fact]
    public void Number_0_is_no_question() => Assert.Throws<ArgumentException>(() => names.TryResolve(At(0), 0, out _));

    [Fact]
    public void Control_that_does_not_fit_waits()
    {
        Init(0, "/a", p: 1, t: 1);
        Init(0, "/b", p: 2, t: 2);
        names.TryResolve(At(0), 3, out _);
        Assert.Equal("", Control(0, room: 3));
        Assert.Equal("03020001", Control(0, room: 7));
        Assert.True(names.HasControl(At(0)));
        Assert.Equal("0302000203040003", Control(0, room: 8));
        Assert.False(names.HasControl(At(0)));
    }

    [Fact]
    public void Known_names_cost_nothing()
    {
        var init = FrameBytes.Single(FrameBytes.Of((ref WireWriter w) => FrameWriter.TryWriteInit(ref w, 9, "/a"u8, 7, "hi"u8)));
        var buffer = new byte[100];
        var millisecond = 0;
        Round(millisecond, init, buffer);
        Allocations.AssertNone(() =>
        {
            for (var i = 0; i < 1000; i++)
                Round(++millisecond, init, buffer);
        });
    }

    private void Round(int milliseconds, byte[] init, byte[] buffer)
    {
        Assert.True(InitFrame.TryParse(init.AsSpan(1), out var frame));
        names.OnInit(At(milliseconds), frame, registry, out _);
        names.TryResolve(At(milliseconds), 7, out _);
        names.TryResolve(At(milliseconds), 8, out _);
        var writer = new WireWriter(buffer);
        names.TryWriteControl(At(milliseconds), ref writer);
    }

    private InitStatus Init(int milliseconds, string name, int p, int t)
    {
        var list = FrameBytes.Of(
            (ref WireWriter w) => FrameWriter.TryWriteInit(ref w, (ushort)t, Encoding.ASCII.GetBytes(name), (ushort)p, default));
        Assert.True(InitFrame.TryParse(FrameBytes.Single(list).AsSpan(1), out var frame));
        var status = names.OnInit(At(milliseconds), frame, registry, out var entry);
        Assert.Equal(status == InitStatus.Taken ? name : null, entry?.Id.Name);
        return status;
    }

    private string Control(int milliseconds, int room = 2000)
    {
        var writer = new WireWriter(new byte[room]);
        Assert.Equal(names.TryWriteControl(At(milliseconds), ref writer), writer.Position > 0);
        return Convert.ToHexStringLower(writer.Written);
    }

    private static Instant At(int milliseconds) => Instant.FromMicroseconds(milliseconds * 1000L);
}

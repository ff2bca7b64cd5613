using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Multipacket;

public sealed class OutgoingNamesTests
{
    private OutgoingNames names = new();

    [Fact]
    [Covers("MP-038")]
    public void Name_goes_as_init_until_its_ack()
    {
        var name = Open(0, "/a");
        Assert.False(name.IsAcknowledged);
        Assert.Equal("/a"u8, name.AsciiName);
        Assert.Same(name, Open(0, "/a"));
        Assert.Null(names.OnAck((ushort)(name.TransportId + 1)));
        Assert.Null(names.OnAck(0));
        Assert.False(name.IsAcknowledged);
        Assert.Same(name, names.OnAck(name.TransportId));
        Assert.True(name.IsAcknowledged);
        Assert.Same(name, Open(5000, "/a"));
    }

    [Fact]
    [Covers("MP-031", "MP-036")]
    public void Numbers_count_up_and_transport_ids_differ()
    {
        var opened = Enumerable.Range(0, 100).Select(i => Open(0, $"/{i}")).ToList();
        Assert.Equal(Enumerable.Range(1, 100), opened.Select(name => (int)name.ProtocolInt));
        Assert.Equal(100, opened.Select(name => name.TransportId).Distinct().Count());
        Assert.DoesNotContain((ushort)0, opened.Select(name => name.TransportId));
    }

    [Fact]
    [Covers("MP-034")]
    public void Name_257_is_never_opened_even_after_resets()
    {
        for (var i = 0; i < Limits.NamesMax; i++)
            Open(0, $"/{i}");
        Assert.Equal(NameStatus.Exhausted, names.Open(At(0), "/more", out var none));
        Assert.Null(none);
        Assert.NotNull(names.OnReset(1));
        Assert.Equal(NameStatus.Exhausted, names.Open(At(60_000), "/more", out _));
        Assert.Equal(257, Open(60_000, "/0").ProtocolInt);
    }

    [Fact]
    [Covers("MP-040")]
    public void Reset_ends_the_live_number_only()
    {
        var name = Open(0, "/a");
        Assert.Null(names.OnReset(2));
        Assert.False(name.IsReset);
        Assert.Same(name, names.OnReset(1));
        Assert.True(name.IsReset);
        Assert.Null(names.OnReset(1));
        Assert.Null(names.OnAck(name.TransportId));
        Assert.False(name.IsAcknowledged);
    }

    [Fact]
    [Covers("MP-041", "MP-031")]
    public void Refused_name_gets_a_new_number_and_one_init_a_second()
    {
        var first = Open(0, "/a");
        names.OnReset(first.ProtocolInt);
        Assert.Equal(NameStatus.RefusedRecently, names.Open(At(999), "/a", out _));
        Assert.Equal(NameStatus.Ready, names.Open(At(999), "/b", out _));
        var second = Open(1000, "/a");
        Assert.Equal(3, second.ProtocolInt);
        Assert.NotEqual(first.TransportId, second.TransportId);

        // Still not acknowledged: its next INIT waits as well.
        Assert.Equal(NameStatus.RefusedRecently, names.Open(At(1999), "/a", out _));
        Assert.Same(second, Open(2000, "/a"));
        names.OnAck(second.TransportId);
        Assert.Same(second, Open(2001, "/a"));
        Assert.Same(second, Open(2002, "/a"));
    }

    [Fact]
    [Covers("MP-041")]
    public void Name_refused_long_after_its_init_may_try_again_at_once()
    {
        var name = Open(0, "/a");
        names.OnAck(name.TransportId);
        Open(10_000, "/a");
        names.OnReset(name.ProtocolInt);
        Assert.Equal(2, Open(10_001, "/a").ProtocolInt);
    }

    [Fact]
    [Covers("MP-036", "MP-038")]
    public void New_path_announces_every_name_anew()
    {
        var a = Open(0, "/a");
        var b = Open(0, "/b");
        var old = a.TransportId;
        names.OnAck(a.TransportId);
        names.OnReset(b.ProtocolInt);
        names.NewPath();
        Assert.False(a.IsAcknowledged);
        Assert.NotEqual(old, a.TransportId);
        Assert.Equal(1, a.ProtocolInt);
        Assert.Null(names.OnAck(old));
        Assert.Same(a, names.OnAck(a.TransportId));
    }

    [Fact]
    [Covers("MP-036")]
    public void Transport_ids_start_over_without_meeting_a_live_one()
    {
        for (var i = 0; i < Limits.NamesMax; i++)
            Open(0, $"/{i}");
        for (var path = 0; path < 600; path++)
        {
            names.NewPath();
            var live = Enumerable.Range(0, Limits.NamesMax).Select(i => Open(0, $"/{i}").TransportId).ToHashSet();
            Assert.Equal(Limits.NamesMax, live.Count);
            Assert.DoesNotContain((ushort)0, live);
        }
    }

    [Fact]
    [Covers("MP-031")]
    public void Numbers_run_out_and_are_not_used_twice()
    {
        var millisecond = 0;
        for (var p = 1; p <= ushort.MaxValue; p++, millisecond += 1000)
        {
            Assert.Equal(p, Open(millisecond, "/a").ProtocolInt);
            Assert.NotNull(names.OnReset((ushort)p));
        }

        Assert.Equal(NameStatus.Exhausted, names.Open(At(millisecond), "/a", out _));
        Assert.Equal(NameStatus.Exhausted, names.Open(At(millisecond), "/b", out _));
    }

    [Fact]
    public void Known_names_cost_nothing()
    {
        ProtocolId protocol = "/a";
        Open(0, protocol);
        var millisecond = 0;
        Allocations.AssertNone(() =>
        {
            for (var i = 0; i < 1000; i++)
                names.Open(At(++millisecond), protocol, out _);
        });
    }

    [Fact]
    public void Default_protocol_is_refused() => Assert.Throws<ArgumentException>(() => names.Open(At(0), default, out _));

    private OutgoingName Open(int milliseconds, ProtocolId protocol)
    {
        Assert.Equal(NameStatus.Ready, names.Open(At(milliseconds), protocol, out var name));
        return name!;
    }

    private static Instant At(int milliseconds) => Instant.FromMicroseconds(milliseconds * 1000L);
}

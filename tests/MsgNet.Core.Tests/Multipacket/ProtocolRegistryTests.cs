using System.Text;
using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Multipacket;

public sealed class ProtocolRegistryTests
{
    [Fact]
    public void Finds_what_is_registered_and_nothing_else()
    {
        var registry = new ProtocolRegistry();
        var entry = registry.Register("/kad/1.0");
        Assert.True(entry.IsRegistered);
        Assert.Equal("/kad/1.0", entry.Id.Name);
        Assert.True(registry.TryFind("/kad/1.0"u8, out var found));
        Assert.Same(entry, found);
        string[] others = ["", "/kad/1.", "/kad/1.0 ", "/KAD/1.0", "/kad/1.0\0", "/kad/é", new('/', 141), new('/', 100_000)];
        foreach (var other in others)
            Assert.False(registry.TryFind(Encoding.UTF8.GetBytes(other), out _));
    }

    [Fact]
    public void Unregistered_protocol_is_not_found_and_comes_back_as_the_same_entry()
    {
        var registry = new ProtocolRegistry();
        var entry = registry.Register("/a");
        Assert.True(registry.Unregister("/a"));
        Assert.False(registry.Unregister("/a"));
        Assert.False(registry.Unregister("/never"));
        Assert.False(entry.IsRegistered);
        Assert.False(registry.TryFind("/a"u8, out _));
        Assert.Same(entry, registry.Register("/a"));
        Assert.True(registry.TryFind("/a"u8, out _));
    }

    [Fact]
    public void Protocol_is_handled_as_long_as_anybody_takes_it()
    {
        var registry = new ProtocolRegistry();
        var entry = registry.Register("/a");
        Assert.Same(entry, registry.Register("/a"));
        Assert.True(registry.Unregister("/a"));
        Assert.True(entry.IsRegistered);
        Assert.True(registry.Unregister("/a"));
        Assert.False(entry.IsRegistered);
    }

    [Fact]
    public void Who_takes_messages_and_who_takes_streams_are_counted_apart()
    {
        var registry = new ProtocolRegistry();
        var entry = registry.RegisterStream("/a");
        Assert.Equal((false, true), (entry.TakesMessages, entry.TakesStreams));
        Assert.False(registry.Unregister("/a"));
        Assert.Same(entry, registry.Register("/a"));
        Assert.Equal((true, true), (entry.TakesMessages, entry.TakesStreams));
        Assert.True(registry.UnregisterStream("/a"));
        Assert.False(registry.UnregisterStream("/a"));
        Assert.Equal((true, false), (entry.TakesMessages, entry.TakesStreams));
        Assert.True(registry.Unregister("/a"));
        Assert.False(entry.IsRegistered);
    }

    [Fact]
    public void Misuse_is_refused()
    {
        var registry = new ProtocolRegistry();
        Assert.Throws<ArgumentException>(() => registry.Register(default));
        Assert.Throws<ArgumentException>(() => registry.RegisterStream(default));
    }

    [Fact]
    [Covers("MP-033")]
    public void Looking_up_allocates_nothing_and_interns_nothing()
    {
        var registry = new ProtocolRegistry();
        registry.Register("/a");
        var unknown = "/never-heard-of"u8.ToArray();
        registry.TryFind("/a"u8, out _);
        var found = 0;
        Allocations.AssertNone(() =>
        {
            found = 0;
            for (var i = 0; i < 10_000; i++)
            {
                found += registry.TryFind("/a"u8, out _) ? 1 : 0;
                found += registry.TryFind(unknown, out _) ? 1 : 0;
            }
        });
        Assert.Equal(10_000, found);
        Assert.Null(string.IsInterned(string.Concat("/never-", "heard-of".AsSpan())));
    }
}

namespace MsgNet.Tests.Network;

public class SessionTableTests
{
    private static readonly PeerId Peer = PeerId.FromEd25519(Enumerable.Repeat((byte)1, 32).ToArray());
    private static readonly SessionKey[] Keys = [Key("/a"), Key("/b"), Key("/c"), Key("/d"), Key("/e")];
    private readonly SessionTable<string> table = new(keptMax: 3);

    [Fact]
    public void Sends_share_a_session_when_all_of_the_key_is_equal()
    {
        table.Keep(Key("/a"), "first");

        Assert.True(table.TryGet(Key("/a"), out var found));
        Assert.Equal("first", found);
        Assert.False(table.TryGet(Key("/b"), out _));
        Assert.False(table.TryGet(Key("/a") with { Delivery = Delivery.Reliable }, out _));
        Assert.False(table.TryGet(Key("/a") with { AllowEarly = false }, out _));
    }

    [Fact]
    public void A_session_that_was_replaced_does_not_take_its_successor_along()
    {
        table.Keep(Key("/a"), "old");
        table.Keep(Key("/a"), "new");

        table.Remove(Key("/a"), "old");

        Assert.True(table.TryGet(Key("/a"), out var found));
        Assert.Equal("new", found);
        Assert.Equal(["new"], table.OfPeer(Peer));
        table.Remove(Key("/a"), "new");
        Assert.Empty(table.OfPeer(Peer));
        Assert.Equal(0, table.KeptCount);
    }

    [Fact]
    public void At_the_bound_the_one_not_used_for_longest_goes()
    {
        Assert.Null(table.Keep(Key("/a"), "a"));
        Assert.Null(table.Keep(Key("/b"), "b"));
        Assert.Null(table.Keep(Key("/c"), "c"));

        Assert.Equal("a", table.Keep(Key("/d"), "d"));
        Assert.True(table.TryGet(Key("/b"), out _));
        Assert.Equal("c", table.Keep(Key("/e"), "e"));

        Assert.Equal(3, table.KeptCount);
        Assert.True(table.TryGet(Key("/b"), out _));
        Assert.True(table.TryGet(Key("/e"), out _));
    }

    [Fact]
    public void Sessions_that_users_opened_count_for_the_peer_and_not_for_the_bound()
    {
        for (var i = 0; i < 10; i++)
            table.Add(Peer, $"user {i}");

        Assert.Equal(0, table.KeptCount);
        Assert.Equal(10, table.OfPeer(Peer).Length);
        table.Remove(Peer, "user 3");
        Assert.DoesNotContain("user 3", table.OfPeer(Peer));
    }

    [Fact]
    public async Task Any_thread_may_look_while_one_changes()
    {
        const int findMin = 20_000;
        var looking = Task.Factory.StartNew(
            () =>
            {
                for (var found = 0; found < findMin;)
                {
                    foreach (var key in Keys)
                    {
                        if (!table.TryGet(key, out var session))
                            continue;

                        Assert.Equal(key.Protocol.Name, session);
                        found++;
                    }
                }
            },
            TaskCreationOptions.LongRunning);
        for (var i = 0; !looking.IsCompleted; i++)
        {
            var (key, other) = (Keys[i % 5], Keys[i % 3]);
            if (table.Keep(key, key.Protocol.Name) is { } evicted)
                table.Remove(Peer, evicted);
            if (i % 7 == 0)
                table.Remove(other, other.Protocol.Name);
            Assert.InRange(table.KeptCount, 0, 3);
        }

        await looking;
    }

    private static SessionKey Key(string protocol) => new(Peer, protocol, Delivery.Unreliable, AllowEarly: true, Coalesce: true);
}

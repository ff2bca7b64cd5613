using MsgNet.Core;
using MsgNet.Testing;
using static MsgNet.Tests.HandlerRig;

namespace MsgNet.Tests.Network;

public sealed class PeerstoreTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly FakePlatform platform = new();
    private readonly Peerstore store;

    public PeerstoreTests() => store = new Peerstore(platform, new Gate());

    [Fact]
    public void A_peer_that_was_never_added_has_no_addresses()
    {
        Assert.Empty(store.Addresses(Alice));
        Assert.Empty(store.Peers());
        Assert.False(store.Remove(Alice));
    }

    [Fact]
    [Covers("API-094")]
    public void An_address_expires_when_its_lifetime_ends()
    {
        store.AddAddress(Alice, Address(1), Minute);
        platform.Advance(Minute - TimeSpan.FromTicks(1));
        Assert.Equal([Address(1)], store.Addresses(Alice));
        platform.Advance(TimeSpan.FromTicks(1));
        Assert.Empty(store.Addresses(Alice));
        Assert.Empty(store.Peers());
        Assert.False(store.Remove(Alice));
    }

    [Fact]
    [Covers("API-094")]
    public void Peers_that_nobody_asks_for_again_do_not_pile_up()
    {
        const int perMinute = 100, minutes = 50;
        for (var minute = 0; minute < minutes; minute++)
        {
            for (var i = 0; i < perMinute; i++)
                store.AddAddress(Peer((minute * perMinute) + i), Address(1), Minute);
            platform.Advance(Minute);
        }

        Assert.InRange(store.RecordCount, perMinute, 4 * perMinute);
    }

    [Fact]
    public void An_address_lives_until_the_later_of_both_ends()
    {
        store.AddAddress(Alice, Address(1), 3 * Minute);
        store.AddAddress(Alice, Address(1), Minute);
        platform.Advance(2 * Minute);
        Assert.Single(store.Addresses(Alice));
        store.AddAddress(Alice, Address(1), 3 * Minute);
        platform.Advance(2 * Minute);
        Assert.Single(store.Addresses(Alice));
    }

    [Fact]
    public void Without_a_lifetime_or_with_the_longest_it_never_expires()
    {
        store.AddAddress(Alice, Address(1));
        store.AddAddress(Bob, Address(2), TimeSpan.MaxValue);
        platform.Advance(TimeSpan.FromDays(36_500));
        Assert.Equal([Alice, Bob], store.Peers());
    }

    [Fact]
    public void Some_addresses_of_a_peer_expire_and_others_stay()
    {
        store.AddAddress(Alice, Address(1), Minute);
        store.AddAddress(Alice, Address(2));
        platform.Advance(Minute);
        Assert.Equal([Address(2)], store.Addresses(Alice));
    }

    [Fact]
    public void The_most_recently_useful_comes_first_and_the_rest_in_the_order_added()
    {
        for (var i = 1; i <= 4; i++)
            store.AddAddress(Alice, Address(i));
        store.MarkUseful(Alice, Address(3));
        store.MarkUseful(Alice, Address(4).WithPeerId(Alice));
        store.MarkUseful(Alice, Address(9));
        store.MarkUseful(Bob, Address(1));
        Assert.Equal([Address(4), Address(3), Address(1), Address(2)], store.Addresses(Alice));
        Assert.Equal([Alice], store.Peers());
    }

    [Fact]
    public void A_trailing_peer_must_be_the_peer_and_is_not_kept()
    {
        store.AddAddress(Alice, Address(1).WithPeerId(Alice));
        store.AddAddress(Alice, Address(1));
        Assert.Equal([Address(1)], store.Addresses(Alice));
        Assert.Throws<ArgumentException>(() => store.AddAddress(Alice, Address(1).WithPeerId(Bob)));
        Assert.Throws<ArgumentException>(() => store.AddAddress(Alice, $"/p2p/{Alice}"));
        Assert.Throws<ArgumentException>(() => store.AddAddress(default, Address(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => store.AddAddress(Alice, Address(1), TimeSpan.Zero));
    }

    [Fact]
    [Covers("API-094")]
    public void The_addresses_of_a_peer_are_bounded_and_useful_ones_stay()
    {
        store.AddAddress(Alice, Address(0));
        store.MarkUseful(Alice, Address(0));
        for (var i = 1; i <= Limits.AddressesPerPeerMax; i++)
            store.AddAddress(Alice, Address(i));
        var addresses = store.Addresses(Alice);
        Assert.Equal(Limits.AddressesPerPeerMax, addresses.Count);
        Assert.Equal([Address(0), Address(2)], addresses.Take(2));
    }

    [Fact]
    public void When_all_were_useful_the_least_recently_useful_goes()
    {
        for (var i = 1; i <= Limits.AddressesPerPeerMax; i++)
        {
            store.AddAddress(Alice, Address(i));
            store.MarkUseful(Alice, Address(i));
        }

        store.AddAddress(Alice, Address(99));
        Assert.DoesNotContain(Address(1), store.Addresses(Alice));
        Assert.Equal(Address(99), store.Addresses(Alice)[^1]);
    }

    [Fact]
    [Covers("API-094")]
    public void Peers_are_bounded_and_a_flood_of_hearsay_does_not_push_out_a_useful_one()
    {
        store.AddAddress(Peer(1_000_000), Address(1));
        store.MarkUseful(Peer(1_000_000), Address(1));
        for (var i = 0; i < Limits.PeerstorePeersMax; i++)
            store.AddAddress(Peer(i), Address(2));
        Assert.Equal(Limits.PeerstorePeersMax, store.Peers().Count);
        Assert.NotEmpty(store.Addresses(Peer(1_000_000)));
        Assert.Empty(store.Addresses(Peer(0)));
        Assert.NotEmpty(store.Addresses(Peer(1)));
    }

    [Fact]
    public void Removing_forgets_every_address()
    {
        store.AddAddress(Alice, Address(1));
        Assert.True(store.Remove(Alice));
        Assert.Empty(store.Addresses(Alice));
        Assert.False(store.Remove(Alice));
    }

    private static Multiaddress Address(int number) => Multiaddress.Parse($"/ip4/192.0.2.{number}/udp/4001");
}

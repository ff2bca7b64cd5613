using System.Net;
using MsgNet.Testing;

namespace MsgNet.Core.Tests;

/// <summary>Rates by remote address in a table of fixed size.</summary>
public sealed class AddressBucketsTests
{
    private static readonly Instant Start = Instant.Zero + TimeSpan.FromHours(1);

    [Fact]
    public void AnAddressTakesItsBurstAndThenItsRate()
    {
        var buckets = new AddressBuckets(new SeededRandom(1), perSecond: 20, burst: 5, countsPorts: false);
        var address = Address("192.0.2.1", 1);
        for (var i = 0; i < 5; i++)
            Assert.True(buckets.TryTake(Start, address));

        Assert.False(buckets.TryTake(Start, address));
        Assert.False(buckets.TryTake(Start + TimeSpan.FromMilliseconds(49), address));
        Assert.True(buckets.TryTake(Start + TimeSpan.FromMilliseconds(50), address));
        Assert.False(buckets.TryTake(Start + TimeSpan.FromMilliseconds(50), address));

        var taken = 0;
        for (var ms = 100; ms < 10_100; ms++)
            taken += buckets.TryTake(Start + TimeSpan.FromMilliseconds(ms), address) ? 1 : 0;
        Assert.InRange(taken, 200, 201);
    }

    [Fact]
    public void PortsAndTheHostPartOfIPv6CountOnlyWhereAskedFor()
    {
        var byAddress = new AddressBuckets(new SeededRandom(1), perSecond: 1, burst: 1, countsPorts: false);
        var byPort = new AddressBuckets(new SeededRandom(1), perSecond: 1, burst: 1, countsPorts: true);

        Assert.True(byAddress.TryTake(Start, Address("2001:db8::1", 1)));
        Assert.False(byAddress.TryTake(Start, Address("2001:db8::2", 2)));
        Assert.True(byAddress.TryTake(Start, Address("2001:db8:0:1::1", 1)));
        Assert.True(byAddress.TryTake(Start, Address("192.0.2.1", 1)));
        Assert.True(byAddress.TryTake(Start, Address("192.0.2.2", 1)));
        Assert.True(byPort.TryTake(Start, Address("192.0.2.1", 1)));
        Assert.True(byPort.TryTake(Start, Address("192.0.2.1", 2)));
        Assert.False(byPort.TryTake(Start, Address("192.0.2.1", 2)));
    }

    [Fact]
    public void AFloodOfOtherAddressesFreesNobodyWhoIsInDebtMoreThanRarely()
    {
        var buckets = new AddressBuckets(new SeededRandom(1), perSecond: 1, burst: 4, countsPorts: false);
        var indebted = Address("198.51.100.7", 1);
        while (buckets.TryTake(Start, indebted))
        {
        }

        for (var i = 0; i < 100_000; i++)
            buckets.TryTake(Start, Address($"10.{i >> 16}.{(i >> 8) & 255}.{i & 255}", 1));

        Assert.False(buckets.TryTake(Start, indebted));
    }

    private static NetAddress Address(string ip, int port) => NetAddress.From(IPAddress.Parse(ip), port, 0);
}

using Microsoft.Extensions.Options;
using MsgNet.Core;
using MsgNet.Testing;
using static MsgNet.Tests.HandlerRig;

namespace MsgNet.Tests;

public sealed class MsgNetOptionsValidatorTests
{
    private readonly MsgNetOptions options = new();

    [Fact]
    public void The_defaults_are_valid() => Assert.Empty(Faults());

    [Fact]
    public void The_ends_of_the_ranges_are_valid()
    {
        (options.DialTimeout, options.DrainTimeout, options.PeersMax) = (TimeSpan.FromSeconds(20), TimeSpan.Zero, 1);
        Assert.Empty(Faults());
        (options.DialTimeout, options.DrainTimeout, options.PeersMax) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1), 16_384);
        options.ReceiveSpin = TimeSpan.FromMilliseconds(1);
        Assert.Empty(Faults());
    }

    [Theory]
    [Covers("API-012")]
    [InlineData(-1)]
    [InlineData(10_001)]
    public void A_spin_out_of_range_is_refused(long ticks)
    {
        options.ReceiveSpin = TimeSpan.FromTicks(ticks);
        Assert.EndsWith(": set it to 00:00:00 to 00:00:00.0010000.", Assert.Single(Faults()), StringComparison.Ordinal);
    }

    [Fact]
    [Covers("SEC-067")]
    public void AcceptPeer_is_one_function()
    {
        options.AcceptPeer = (_, _) => true;
        Assert.Empty(Faults());
        options.AcceptPeer += (_, _) => false;
        Assert.StartsWith("AcceptPeer holds several", Assert.Single(Faults()), StringComparison.Ordinal);
    }

    [Fact]
    [Covers("API-012")]
    public void Every_fault_is_told_at_once_with_its_name_and_its_range()
    {
        options.DialTimeout = TimeSpan.FromMilliseconds(99);
        options.DrainTimeout = TimeSpan.FromSeconds(61);
        options.PeersMax = 16_385;
        options.CongestionControl = (CongestionControl)2;
        options.KeyFile = " ";
        options.Listen.Add($"/ip4/127.0.0.1/udp/1/p2p/{Alice}");
        options.Listen.Add(null!);
        string[] names = ["KeyFile", "DialTimeout", "DrainTimeout", "CongestionControl", "PeersMax", "Listen[0]", "Listen[1]"];
        Assert.Equal(names, Faults().Select(fault => fault.Split(' ')[0]));
        var thrown = Assert.Throws<OptionsValidationException>(() => MsgNetOptionsValidator.ThrowIfInvalid(options));
        Assert.Equal(names.Length, thrown.Failures.Count());
    }

    [Fact]
    [Covers("API-012")]
    public void Options_that_contradict_each_other_are_both_named()
    {
        using var identity = Identity.Generate();
        options.Identity = identity;
        options.KeyFile = "key";
        var fault = Assert.Single(Faults());
        Assert.Contains("Identity", fault, StringComparison.Ordinal);
        Assert.Contains("KeyFile", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(64 * 1024, null)]
    [InlineData(16 << 20, null)]
    [InlineData(16 << 20, 64 << 20)]
    [InlineData(64 * 1024, 256 * 1024)]
    [InlineData(1 << 20, 256 << 20)]
    public void A_message_size_and_a_budget_that_holds_four_of_it_are_valid(int size, int? budget)
    {
        (options.MessageSizeMax, options.ReceiveBudgetPerPeer) = (size, budget);
        Assert.Empty(Faults());
    }

    [Theory]
    [Covers("API-012")]
    [InlineData((64 * 1024) - 1, null, "MessageSizeMax is 65535: set it to 65536 to 16777216 bytes.")]
    [InlineData((16 << 20) + 1, 1, "MessageSizeMax is 16777217: set it to 65536 to 16777216 bytes.")]
    [InlineData(1 << 20, (256 << 20) + 1, "ReceiveBudgetPerPeer is 268435457: set it to at most 268435456 bytes.")]
    [InlineData(16 << 20, (64 << 20) - 1, "ReceiveBudgetPerPeer is 67108863 and MessageSizeMax 16777216, ")]
    [InlineData(1 << 20, -1, "ReceiveBudgetPerPeer is -1 and MessageSizeMax 1048576, ")]
    public void A_message_size_out_of_range_or_above_its_budget_is_refused(int size, int? budget, string beginning)
    {
        (options.MessageSizeMax, options.ReceiveBudgetPerPeer) = (size, budget);
        Assert.StartsWith(beginning, Assert.Single(Faults()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(64 * 1024, 8 << 20)]
    [InlineData(2 << 20, 8 << 20)]
    [InlineData(16 << 20, 64 << 20)]
    public void Without_a_budget_of_its_own_a_message_size_sets_it(int size, int budget)
    {
        options.MessageSizeMax = size;
        Assert.Equal(budget, options.ReceiveBudget);
    }

    private string[] Faults() => [.. new MsgNetOptionsValidator().Validate(null, options).Failures ?? []];
}

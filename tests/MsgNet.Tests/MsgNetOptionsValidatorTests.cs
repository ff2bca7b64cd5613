using Microsoft.Extensions.Options;
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
        Assert.Empty(Faults());
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
        options.KeyFile = " ";
        options.Listen.Add($"/ip4/127.0.0.1/udp/1/p2p/{Alice}");
        options.Listen.Add(null!);
        string[] names = ["KeyFile", "DialTimeout", "DrainTimeout", "PeersMax", "Listen[0]", "Listen[1]"];
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

    private string[] Faults() => [.. new MsgNetOptionsValidator().Validate(null, options).Failures ?? []];
}

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MsgNet.Testing;

namespace MsgNet.Tests.DependencyInjection;

public sealed class AddMsgNetTests
{
    [Fact]
    [Covers("API-021")]
    public async Task One_host_under_both_names_with_the_identity_of_the_options()
    {
        using var identity = Identity.Generate();
        var services = new ServiceCollection();
        services.AddMsgNet(options => options.Identity = identity).AddMemory();
        await using var provider = services.BuildServiceProvider();
        var host = provider.GetRequiredService<IMessageHost>();
        Assert.Same(host, provider.GetRequiredService<MessageHost>());
        Assert.Equal(identity.Id, host.Id);
    }

    [Fact]
    public async Task The_host_has_the_transports_named_each_once()
    {
        var services = new ServiceCollection();
        services.AddMsgNet().AddMemory().AddMemory();
        await using var provider = services.BuildServiceProvider();
        var transport = Assert.Single(provider.GetRequiredService<IMessageHost>().Network.Transports());
        Assert.Equal("memory", transport.Name);
    }

    [Fact]
    public async Task Without_any_named_it_has_all_and_datagrams_come_before_lanes()
    {
        var services = new ServiceCollection();
        services.AddMsgNet();
        await using var provider = services.BuildServiceProvider();
        var transports = provider.GetRequiredService<IMessageHost>().Network.Transports();
        Assert.Equal(["udp", "msp", "memory"], transports.Select(transport => transport.Name));
    }

    [Fact]
    [Covers("API-015", "API-088")]
    public async Task Udp_and_msp_share_their_ports()
    {
        var services = new ServiceCollection();
        services.AddMsgNet(options => options.Listen.Add("/ip4/127.0.0.1/udp/0")).AddUdp().AddMsp();
        await using var provider = services.BuildServiceProvider();
        var host = provider.GetRequiredService<IMessageHost>();
        var transports = host.Network.Transports();
        Assert.Equal(["udp", "msp"], transports.Select(transport => transport.Name));
        var address = Assert.Single(host.Addresses).WithoutPeerId()!;

        await using var lanes = transports[1].Open();
        await lanes.Listen(address);
        Assert.Single(((UdpEndpoints)((MspTransport)transports[1]).Channels).Ports);
        Assert.Equal([address.WithPeerId(host.Id)], host.Addresses);
    }

    [Fact]
    [Covers("API-021")]
    public async Task The_host_listens_when_it_is_resolved_and_closes_with_the_container()
    {
        var services = new ServiceCollection();
        services.AddMsgNet(options => options.Listen.Add("/memory/4711")).AddMemory();
        IMessageHost host;
        await using (var provider = services.BuildServiceProvider())
        {
            host = provider.GetRequiredService<IMessageHost>();
            Assert.Equal([Multiaddress.Parse("/memory/4711").WithPeerId(host.Id)], host.Addresses);
        }

        Assert.Throws<ObjectDisposedException>(() => host.SetMessageHandler("/x", (_, _) => ValueTask.CompletedTask));
    }

    [Fact]
    public async Task Wrong_options_are_told_at_the_first_resolve()
    {
        var services = new ServiceCollection();
        services.AddMsgNet(options => options.PeersMax = 0);
        await using var provider = services.BuildServiceProvider();
        var thrown = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IMessageHost>());
        Assert.Contains("PeersMax", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calling_it_again_configures_the_same_host()
    {
        var services = new ServiceCollection();
        var first = services.AddMsgNet(options => options.Listen.Add("/memory/4712"));
        var second = services.AddMsgNet(options => options.Listen.Add("/memory/4713"));
        Assert.Same(first.AddMemory(), second);
        Assert.Same(services, second.Services);
        await using var provider = services.BuildServiceProvider();
        Assert.Single(provider.GetServices<IMessageHost>());
        Assert.Equal(2, provider.GetRequiredService<IMessageHost>().Addresses.Count);
    }
}

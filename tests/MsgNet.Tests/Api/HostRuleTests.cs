using System.Net;
using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using MsgNet.Platform;
using MsgNet.Testing;

namespace MsgNet.Tests.Api;

/// <summary>Rules of <c>specs/api.md</c> on starting and addressing hosts, and on the shape of the API.</summary>
public sealed class HostRuleTests
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(20);

    [Fact]
    [Covers("API-001")]
    public void No_member_is_named_async()
    {
        string[] ofTheFramework = ["DisposeAsync", "GetAsyncEnumerator", "MoveNextAsync"];
        Assembly[] ours = [typeof(MessageHost).Assembly, typeof(PeerId).Assembly];
        var named = ours.SelectMany(assembly => assembly.GetExportedTypes())
            .SelectMany(type => type.GetMethods())
            .Where(method => ours.Contains(method.GetBaseDefinition().DeclaringType!.Assembly))
            .Where(method => method.Name.EndsWith("Async", StringComparison.Ordinal) && !ofTheFramework.Contains(method.Name));
        Assert.Empty(named);
    }

    [Fact]
    [Covers("API-013")]
    public async Task Host_without_identity_gets_a_fresh_one()
    {
        await using var one = await MessageHost.Start();
        await using var other = await MessageHost.Start();
        Assert.True(one.Id.IsEd25519);
        Assert.NotEqual(one.Id, other.Id);
    }

    [Fact]
    [Covers("API-014")]
    public async Task Addresses_are_dialable_and_each_stands_once()
    {
        await using var host = await MessageHost.Start("/ip4/0.0.0.0/udp/0", "/ip4/127.0.0.1/udp/0");
        Assert.Equal(host.Addresses.Count, host.Addresses.Distinct().Count());
        Assert.True(host.Addresses.Count >= 2);
        foreach (var address in host.Addresses)
        {
            Assert.True(address.TryGetPeerId(out var peer));
            Assert.Equal(host.Id, peer);
            Assert.True(address.TryGetUdpEndPoint(out var ip, out var port));
            Assert.NotEqual(IPAddress.Any, ip);
            Assert.NotEqual(0, port);
        }
    }

    [Fact]
    [Covers("API-016")]
    public async Task Host_that_only_dials_binds_one_port_per_family_at_first_use()
    {
        var platform = new CountingPlatform();
        await using var server = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        await using var second = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        await using var client = await MessageHost.Start(
            platform, new MsgNetOptions(), MessageHost.DefaultTransports, NullLoggerFactory.Instance, CancellationToken.None);
        Assert.Empty(platform.Opened);
        foreach (var host in new[] { server, second })
        {
            client.Network.Peerstore.AddAddress(host.Id, host.Addresses[0]);
            await client.Request(host.Id, MessageHost.PingProtocol, new byte[1]).AsTask().WaitAsync(Guard);
        }

        Assert.Equal([IPAddress.Any], platform.Opened);
    }

    [Fact]
    [Covers("API-230", "API-231")]
    public async Task Ports_are_opened_as_the_options_say()
    {
        var platform = new CountingPlatform();
        var options = new MsgNetOptions { ReceiveSpin = TimeSpan.FromMicroseconds(20), SegmentationOffload = false };
        options.Listen.Add("/ip4/127.0.0.1/udp/0");
        await using var host = await MessageHost.Start(
            platform, options, MessageHost.DefaultTransports, NullLoggerFactory.Instance, CancellationToken.None);
        Assert.Equal(
            new DatagramPortSettings { ReceiveSpin = TimeSpan.FromMicroseconds(20), SegmentationOffload = false },
            platform.Settings! with { Losses = null });
        Assert.Equal(new DatagramPortSettings(), new MsgNetOptions().PortSettings);
        Assert.Equal(TimeSpan.FromMicroseconds(25), new MsgNetOptions().ReceiveSpin);
    }

    [Fact]
    [Covers("API-085", "MA-024")]
    public async Task Network_refuses_plain_addresses()
    {
        await using var host = await MessageHost.Start();
        await Assert.ThrowsAsync<ArgumentException>(() => host.Network.Listen("/ip4/127.0.0.1/udp/0/plain").AsTask());
        await using var socket = host.Network.Transports()[0].Open();
        var error = await Assert.ThrowsAsync<ArgumentException>(() => socket.WriteMessage(new byte[1], "/ip4/127.0.0.1/udp/9").AsTask());
        Assert.Contains("/p2p/", error.Message, StringComparison.Ordinal);

        using var peer = Identity.Generate();
        host.Network.Peerstore.AddAddress(peer.Id, "/ip4/127.0.0.1/udp/9/plain");
        await Assert.ThrowsAnyAsync<MsgNetException>(() => host.SendMessage(peer.Id, "/x", new byte[1]).AsTask());
    }

    [Fact]
    [Covers("API-111")]
    public void Exceptions_are_the_ones_the_specification_lists()
    {
        var thrown = typeof(MessageHost).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(Exception)))
            .Select(type => type.Name);
        Assert.Equal(
            [
                "DeliveryNotAvailableException", "LibsodiumMissingException", "MessageTooLargeException", "MsgNetException",
                "PartlySentException", "PeerUnreachableException", "ProtocolNotSupportedException", "RequestFailedException",
                "SessionLostException",
            ],
            thrown.Order(StringComparer.Ordinal));
    }

    [Fact]
    [Covers("API-112")]
    public async Task Lost_session_tells_its_reason()
    {
        await using var server = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        await using var client = await MessageHost.Start();
        client.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);
        server.SetMessageHandler("/hold", (message, token) => new ValueTask(Task.Delay(Timeout.Infinite, token)));
        var session = client.OpenSession(server.Id, "/hold", SendOptions.Unreliable);
        await client.Request(server.Id, MessageHost.PingProtocol, new byte[1]).AsTask().WaitAsync(Guard);
        await session.SendMessage(new byte[1]);
        var request = client.Request(server.Id, "/hold", new byte[1]).AsTask();

        await server.Network.ClosePeer(client.Id);
        var lost = await Assert.ThrowsAsync<SessionLostException>(() => request.WaitAsync(Guard));
        Assert.Equal(PeerLoss.ClosedByPeer, lost.Reason);
        Assert.True(lost.MaybeDelivered);
        lost = await Assert.ThrowsAsync<SessionLostException>(() => session.Completion.WaitAsync(Guard));
        Assert.Equal(server.Id, lost.Peer);
    }
}

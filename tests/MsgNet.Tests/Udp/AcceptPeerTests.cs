using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MsgNet.Platform;
using MsgNet.Testing;

namespace MsgNet.Tests.Udp;

/// <summary>Whom a host takes.</summary>
public sealed class AcceptPeerTests
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(20);
    private readonly ConcurrentQueue<(PeerId Peer, Multiaddress Address)> asked = [];

    [Fact]
    [Covers("SEC-067")]
    public async Task Who_is_accepted_is_served_and_who_is_not_hears_of_it()
    {
        await using var friend = await MessageHost.Start();
        await using var stranger = await MessageHost.Start();
        await using var server = await Start(peer => peer == friend.Id);
        var from = new ConcurrentQueue<PeerId>();
        server.SetMessageHandler("/x", message => from.Enqueue(message.From));

        await Request(friend, server);
        await Request(friend, server);
        Assert.Equal(friend.Id, Assert.Single(asked).Peer);
        Assert.True(asked.Single().Address.TryGetUdpEndPoint(out var ip, out _));
        Assert.Equal(System.Net.IPAddress.Loopback, ip);

        stranger.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);
        var session = stranger.OpenSession(server.Id, "/x", SendOptions.Unreliable);
        await session.SendMessage("x"u8.ToArray());
        var error = await Assert.ThrowsAsync<SessionLostException>(() => session.Completion.WaitAsync(Guard));
        Assert.Equal(PeerLoss.Refused, error.Reason);
        Assert.Contains("refused", error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<SessionLostException>(() => Request(stranger, server));
        Assert.Equal(PeerLoss.Refused, error.Reason);
        Assert.Empty(from);
        Assert.False(server.Network.HasSession(stranger.Id));
    }

    [Fact]
    [Covers("SEC-067", "API-113")]
    public async Task The_function_runs_under_no_lock()
    {
        MessageHost server = null!;
        await using var client = await MessageHost.Start();
        var isFree = false;
        server = await Start(peer => isFree = Task.Run(() => server.Network.HasSession(peer)).Wait(Guard));
        await using (server)
            await Request(client, server);

        Assert.True(isFree);
    }

    [Fact]
    [Covers("SEC-067")]
    public async Task A_function_that_throws_refuses()
    {
        await using var client = await MessageHost.Start();
        await using var server = await Start(_ => throw new InvalidOperationException("no list yet"));
        var error = await Assert.ThrowsAsync<SessionLostException>(() => Request(client, server));
        Assert.Equal(PeerLoss.Refused, error.Reason);
    }

    [Fact]
    [Covers("SEC-067", "API-142")]
    public async Task What_it_throws_is_logged_at_most_once_a_second()
    {
        var log = new RecordingLogger();
        var before = SystemPlatform.Instance.Now;
        await using var client = await MessageHost.Start();
        var server = await Start(_ => throw new InvalidOperationException("no list yet"), new OneLogger(log));
        await using (server)
        {
            while (asked.Count < 5)
                await Assert.ThrowsAsync<SessionLostException>(() => Request(client, server));
        }

        Assert.Equal(5, asked.Count);
        Assert.InRange(log.CountOf(1046), 1, 1 + (int)(SystemPlatform.Instance.Now - before).TotalSeconds);
        var entry = log.Entries.First(entry => entry.Id.Id == 1046);
        Assert.Equal((LogLevel.Warning, "no list yet"), (entry.Level, entry.Exception!.Message));
        Assert.Contains(client.Id.ToString(), entry.Text, StringComparison.Ordinal);
    }

    [Fact]
    [Covers("SEC-067")]
    public async Task A_peer_that_the_host_dials_itself_is_not_asked_about()
    {
        await using var client = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        await using var server = await Start(_ => false);
        await Request(server, client);
        Assert.Empty(asked);
        await Request(client, server);
        Assert.Empty(asked);
    }

    private static async Task Request(MessageHost client, MessageHost server)
    {
        client.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);
        await client.Request(server.Id, MessageHost.PingProtocol, new byte[1]).AsTask().WaitAsync(Guard);
    }

    private async Task<MessageHost> Start(Func<PeerId, bool> accept, ILoggerFactory? loggers = null)
    {
        var options = new MsgNetOptions
        {
            Listen = { "/ip4/127.0.0.1/udp/0" },
            AcceptPeer = (peer, address) =>
            {
                asked.Enqueue((peer, address));
                return accept(peer);
            },
        };
        return await MessageHost.Start(
            SystemPlatform.Instance, options, MessageHost.DefaultTransports, loggers ?? NullLoggerFactory.Instance, CancellationToken.None);
    }
}

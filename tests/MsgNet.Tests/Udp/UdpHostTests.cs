using System.Text;
using MsgNet.Core;
using MsgNet.Platform;
using MsgNet.Testing;

namespace MsgNet.Tests.Udp;

/// <summary>Two hosts, real sockets, real keys.</summary>
public sealed class UdpHostTests
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(20);

    [SkippableTheory]
    [InlineData("/ip4/127.0.0.1/udp/0")]
    [InlineData("/ip6/::1/udp/0")]
    public async Task Message_arrives_at_the_handler_of_its_protocol(string listen)
    {
        Skip.If(listen.StartsWith("/ip6", StringComparison.Ordinal) && !HasIPv6(), "This machine has no IPv6 loopback.");
        await using var server = await MessageHost.Start(listen);
        await using var client = await MessageHost.Start();
        var received = new TaskCompletionSource<(PeerId, string, bool)>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.SetMessageHandler("/kad/1.0", message =>
            received.TrySetResult((message.From, Encoding.UTF8.GetString(message.Data.Span), message.Early)));

        client.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);
        await client.SendMessage(server.Id, "/kad/1.0", "hi"u8.ToArray());

        var (from, text, early) = await received.Task.WaitAsync(Guard);
        Assert.Equal(client.Id, from);
        Assert.Equal("hi", text);
        Assert.True(early);
    }

    private static bool HasIPv6() => SystemPlatform.Instance.LocalAddresses.Contains(System.Net.IPAddress.IPv6Loopback);

    [Fact]
    public async Task Request_is_answered()
    {
        await using var server = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        await using var client = await MessageHost.Start();
        server.SetRequestHandler("/upper/1.0", (message, _) =>
            ValueTask.FromResult<ReadOnlyMemory<byte>>(
                Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(message.Data.Span).ToUpperInvariant())));
        client.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);

        for (var i = 0; i < 100; i++)
        {
            var reply = await client.Request(server.Id, "/upper/1.0", Encoding.UTF8.GetBytes($"abc {i}")).AsTask().WaitAsync(Guard);
            Assert.Equal($"ABC {i}", Encoding.UTF8.GetString(reply.Data.Span));
        }
    }

    [Fact]
    public async Task A_send_to_a_peer_whose_goodbye_is_not_written_yet_dials_again()
    {
        await using var server = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        await using var client = await MessageHost.Start();
        server.SetRequestHandler("/echo/1.0", (message, _) => ValueTask.FromResult(message.Data));
        client.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);
        await client.Request(server.Id, "/echo/1.0", new byte[1]).AsTask().WaitAsync(Guard);

        // As when a datagram of the peer broke the protocol, and others of the same batch are still to be read.
        var udp = client.Network.Transports().OfType<UdpTransport>().Single();
        using (udp.Context.Gate.Enter())
        {
            Assert.True(udp.Node.TryFindPeer(server.Id, out var peer));
            udp.Node.Close(udp.Context.Platform.Now, peer, CloseCode.Done, new NodeEvents());
            Assert.True(peer.IsClosing);
        }

        var reply = await client.Request(server.Id, "/echo/1.0", new byte[2]).AsTask().WaitAsync(Guard);
        Assert.Equal(2, reply.Data.Length);
    }

    [Fact]
    public async Task Unreachable_peer_fails_with_every_address_tried()
    {
        var options = new MsgNetOptions { DialTimeout = TimeSpan.FromMilliseconds(500) };
        await using var client = await MessageHost.Start(options);
        using var nobody = Identity.Generate();
        client.Network.Peerstore.AddAddress(nobody.Id, "/ip4/127.0.0.1/udp/9");
        client.Network.Peerstore.AddAddress(nobody.Id, "/ip4/127.0.0.2/udp/9");

        var failure = await Assert.ThrowsAsync<PeerUnreachableException>(() =>
            client.Request(nobody.Id, "/x", new byte[1]).AsTask().WaitAsync(Guard));
        Assert.Equal(2, failure.Attempts.Count);
        Assert.All(failure.Attempts, attempt => Assert.Contains("no answer within 0.5 s", attempt.Error, StringComparison.Ordinal));
    }
}

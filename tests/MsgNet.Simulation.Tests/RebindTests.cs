using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Simulation.Tests;

/// <summary>Real hosts behind a NAT that forgets, on links that shrink.</summary>
public class RebindTests
{
    private static readonly ProtocolId Echo = "/echo/1.0";

    [Theory]
    [InlineData(5, false)]
    [InlineData(20, true)]
    [InlineData(60, false)]
    [Covers("SEC-088")]
    public void A_client_whose_address_changes_every_five_seconds_gets_every_reply_without_a_stall(int delay, bool newIp)
    {
        var link = new LinkOptions { Delay = TimeSpan.FromMilliseconds(delay), Jitter = TimeSpan.FromMilliseconds(1) };
        var simulation = new Simulation(5, new SimulationOptions { Link = link });
        var client = simulation.AddHost(new SimulatedHostOptions { Configure = options => options.Listen.Clear() });
        var server = simulation.AddHost(new SimulatedHostOptions { Started = SetEcho });
        client.Learn(server);
        var limit = TimeSpan.FromMilliseconds((1.5 * 2 * delay) + 100);
        var (answered, rebinds) = (0, 0);
        var longest = TimeSpan.Zero;
        var news = new List<PeerEvent>();
        simulation.Run(async () =>
        {
            _ = Collect(server, news);
            while (simulation.Now < TimeSpan.FromMinutes(2))
            {
                var rebinds5 = (int)(simulation.Now.TotalSeconds / 5);
                if (rebinds5 > rebinds)
                {
                    rebinds = rebinds5;
                    if (newIp)
                        simulation.Network.ChangeAddress(client);
                    else
                        simulation.Network.RebindNat(client);
                }

                // The client's first datagram from its new address leaves now.
                var start = simulation.Now;
                var data = new byte[simulation.Random.NextInt32(1, 1_000)];
                var reply = await client.Host.Request(server.Id, Echo, data);
                Assert.Equal(data.Length, reply.Data.Length);
                answered++;
                if (answered > 1 && simulation.Now - start > longest)
                    longest = simulation.Now - start;
                await simulation.Delay(TimeSpan.FromMilliseconds(simulation.Random.NextInt32(0, 100)));
            }
        });

        Assert.InRange(rebinds, 20, 24);
        Assert.True(answered > 500, $"{answered} answers");
        Assert.InRange(longest, TimeSpan.FromMilliseconds(3.9 * delay), limit);
        var moves = news.Where(happened => happened.Kind == PeerEventKind.Moved).ToArray();
        Assert.InRange(moves.Length, rebinds - 1, rebinds); // one may be at the moment of a new handshake
        Assert.All(moves, happened => Assert.Equal(client.Id, happened.Peer));
        Assert.Equal(moves.Length, moves.Select(happened => happened.Address).Distinct().Count());
        var node = ((UdpTransport)server.Host.Network.Transports()[0]).Node;
        Assert.InRange(node.Counters.HandshakesAnswered, 1, 3);
    }

    [Fact]
    [Covers("SEC-089", "SEC-093")]
    public void A_link_that_shrinks_in_mid_transfer_goes_on_with_smaller_datagrams()
    {
        var link = new LinkOptions { Delay = TimeSpan.FromMilliseconds(10), DatagramSizeMax = 1472 };
        var simulation = new Simulation(6, new SimulationOptions { Link = link });
        var (a, b) = (simulation.AddHost(), simulation.AddHost(new SimulatedHostOptions { Started = SetEcho }));
        simulation.Introduce();
        simulation.Run(async () =>
        {
            await Transfer(a, b, 40);
            var node = ((UdpTransport)a.Host.Network.Transports()[0]).Node;
            Assert.True(node.TryFindPeer(b.Id, out var peer));
            Assert.Equal(1472, peer.DatagramSize);
            Assert.True(simulation.Now < TimeSpan.FromSeconds(2) + TimeSpan.FromMilliseconds(500));

            // The path of 1,280 bytes drops without an ICMP message. Both directions fall back, one after the other.
            simulation.Network.Default = link with { DatagramSizeMax = 1252 };
            var limit = simulation.Now + (2 * ((3 * peer.RoundTrip) + TimeSpan.FromSeconds(1)));
            await Transfer(a, b, 1);
            Assert.True(simulation.Now < limit, $"{simulation.Now} > {limit}");
            Assert.Equal(Limits.DatagramSizeMin, peer.DatagramSize);
            await Transfer(a, b, 20);
        });
    }

    private static async Task Collect(SimulatedHost host, List<PeerEvent> news)
    {
        await foreach (var happened in host.Host.Network.PeerEvents())
            news.Add(happened);
    }

    private static async Task Transfer(SimulatedHost from, SimulatedHost to, int requests)
    {
        for (var i = 0; i < requests; i++)
        {
            var data = new byte[20_000];
            var reply = await from.Host.Request(to.Id, Echo, data);
            Assert.Equal(data.Length, reply.Data.Length);
        }
    }

    private static void SetEcho(SimulatedHost host) =>
        host.Host.SetMessageHandler(Echo, (message, cancellationToken) => message.Reply(message.Data, cancellationToken));
}

using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>Three nodes that dial, send, ask, close and restart at random on a network that loses, doubles, delays and damages.</summary>
public class StormTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(712)] // closed while the first flight, whose request came under keys, still ran
    [InlineData(900)] // closed while the first flight was unanswered: a later image comes
    [InlineData(1395)] // the same, and who closed dials
    [Covers("REQ-004", "REQ-025", "SEC-005", "SEC-102", "SEC-107")]
    public void Every_request_ends_once_and_runs_at_most_once_and_calm_returns(int seed)
    {
        var random = new Random(seed);
        var network = new NodeNetwork(seed);
        var nodes = new[] { network.Add("/chat"), network.Add("/chat"), network.Add("/chat") };
        var lives = new int[nodes.Length];
        var runs = new HashSet<string>();
        network.OnSend = flight => Meddle(flight, random);
        foreach (var node in nodes)
        {
            node.OnRequest = request =>
            {
                Assert.True(runs.Add($"{node.Number}.{lives[node.Number - 1]} {request.Text}"), $"Ran twice: {request.Text}");
                return (ReplyStatus.Ok, request.Data);
            };
        }

        for (var step = 0; step < 2_000; step++)
        {
            network.Run(random.Next(100) == 0 ? random.Next(60) : random.NextDouble() / 5);
            var at = random.Next(nodes.Length);
            var from = nodes[at];
            var to = nodes[(at + random.Next(1, nodes.Length)) % nodes.Length];
            switch (random.Next(40))
            {
                case 0:
                    from.Close(to, CloseCode.Done);
                    break;
                case 1 when random.Next(4) == 0:
                    CheckEnds(from);
                    from.Log.Clear();
                    from.Start();
                    from.Handle("/chat");
                    lives[at]++;
                    break;
                case < 12:
                    from.Dial(to);
                    from.Write();
                    break;
                case < 30:
                    from.Send(to, "/chat", new byte[random.Next(10) == 0 ? random.Next(60_000) : random.Next(1_000)]);
                    break;
                default:
                    if (from.Peer(to).IsReady || from.Peer(to).IsConnecting)
                        from.TryRequest(to, "/chat", $"{from.Number}.{lives[at]}.{step}");
                    break;
            }
        }

        network.Run(800);
        foreach (var node in nodes)
        {
            CheckEnds(node);
            Assert.Equal(node.Asked.Count, node.Ended.Count());
            Assert.Equal(0, node.Machine.PeerCount);
            Assert.True(node.Machine.NextTimer.IsNever);
        }

        Assert.True(runs.Count > 50);
    }

    private static void CheckEnds(TestNode node)
    {
        var ended = node.Ended.ToArray();
        Assert.Equal(ended.Length, ended.Distinct().Count());
        Assert.All(ended, state => Assert.Contains(state, node.Asked));
    }

    private static void Meddle(Flight flight, Random random)
    {
        flight.IsLost = random.Next(5) == 0;
        flight.Copies = random.Next(8) == 0 ? 2 : 1;
        flight.ExtraDelay = TimeSpan.FromMilliseconds(random.Next(4) == 0 ? random.Next(200) : 0);
        if (random.Next(30) == 0)
            flight.Datagram[random.Next(flight.Datagram.Length)] ^= 1;
    }
}

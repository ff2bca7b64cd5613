using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Simulation.Tests;

/// <summary>Requests by datagram, hundreds of them under way to one peer, over a path that loses some of everything.</summary>
public sealed class RequestLossTests
{
    private const int UnderWay = 500;
    private const int Rounds = 20;
    private static readonly ProtocolId Echo = "/echo/1.0";

    // What a reply is kept for is the repetition of its request, which comes when hundreds of others have been answered.
    [Theory]
    [Covers("REQ-021", "REQ-023")]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData(3UL)]
    public void Hundreds_of_requests_under_way_are_all_answered_once(ulong seed)
    {
        var link = new LinkOptions { Delay = TimeSpan.FromMilliseconds(5), Loss = 0.05 };
        var simulation = new Simulation(seed, new SimulationOptions { Link = link });
        var (client, server) = (simulation.AddHost(), simulation.AddHost());
        simulation.Introduce();
        var runs = 0;
        server.Host.SetRequestHandler(Echo, (message, _) =>
        {
            runs++;
            return ValueTask.FromResult(message.ToOwned().Data);
        });

        simulation.Run(async () =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                var requests = Enumerable.Range(0, UnderWay).Select(_ => client.Host.Request(server.Id, Echo, new byte[64]).AsTask());
                await Task.WhenAll(requests);
            }
        });

        Assert.Equal(Rounds * UnderWay, runs);
    }
}

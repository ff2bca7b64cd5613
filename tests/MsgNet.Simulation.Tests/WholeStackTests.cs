using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Simulation.Tests;

/// <summary>The real message hosts over the real UDP transport, in virtual time.</summary>
public class WholeStackTests
{
    private static readonly ProtocolId Echo = "/echo/1.0";

    private static readonly LinkOptions Lossy = new()
    {
        Delay = TimeSpan.FromMilliseconds(20),
        Jitter = TimeSpan.FromMilliseconds(5),
        Loss = 0.1,
        Duplicate = 0.05,
    };

    [Fact]
    public void A_message_arrives_in_one_way_time()
    {
        var simulation = new Simulation(1, new SimulationOptions { Link = new LinkOptions { Delay = TimeSpan.FromMilliseconds(20) } });
        var (a, b) = (simulation.AddHost(), simulation.AddHost());
        simulation.Introduce();
        var arrivals = new List<(string Text, PeerId From, TimeSpan At)>();
        b.Host.SetMessageHandler(Echo, (message, _) =>
        {
            arrivals.Add((System.Text.Encoding.UTF8.GetString(message.Data.Span), message.From, simulation.Now));
            return ValueTask.CompletedTask;
        });

        simulation.Run(async () =>
        {
            await a.Host.SendMessage(b.Id, Echo, "hello"u8.ToArray());
            await simulation.Delay(TimeSpan.FromSeconds(1));
        });

        Assert.Equal([("hello", a.Id, TimeSpan.FromMilliseconds(20))], arrivals);
    }

    [Fact]
    [Covers("API-114")]
    public void Requests_are_answered_through_loss_and_one_seed_is_one_run()
    {
        var first = RunRequests(42);
        var second = RunRequests(42);
        Assert.Equal(first, second);
        Assert.NotEqual(first.Trace, RunRequests(43).Trace);
        Assert.InRange(first.Answered, 45, 50);
    }

    [Fact]
    public void A_restarted_host_answers_again()
    {
        var simulation = new Simulation(7, new SimulationOptions { Link = Lossy with { Loss = 0, Duplicate = 0 } });
        var a = simulation.AddHost();
        var b = simulation.AddHost(new SimulatedHostOptions { Started = SetEcho });
        simulation.Introduce();
        simulation.Run(async () =>
        {
            Assert.Equal([1], (await a.Host.Request(b.Id, Echo, new byte[] { 1 })).Data.ToArray());
            b.Crash();
            await simulation.Delay(TimeSpan.FromSeconds(1));
            b.Restart();
            Assert.True(await TryRequest(a, b, 2, attempts: 4), simulation.ToString());
        });
    }

    // The sender learns of the restart by the dead-peer rule only (15 s), which is longer than one request waits.
    private static async Task<bool> TryRequest(SimulatedHost from, SimulatedHost to, byte number, int attempts)
    {
        for (var attempt = 0; attempt < attempts; attempt++)
        {
            try
            {
                return (await from.Host.Request(to.Id, Echo, new[] { number })).Data.Span[0] == number;
            }
            catch (Exception error) when (error is TimeoutException or SessionLostException)
            {
            }
        }

        return false;
    }

    private static (ulong Trace, SimulationStatistics Statistics, int Answered, TimeSpan End) RunRequests(ulong seed)
    {
        var simulation = new Simulation(seed, new SimulationOptions { Link = Lossy });
        var hosts = Enumerable.Range(0, 3).Select(_ => simulation.AddHost(new SimulatedHostOptions { Started = SetEcho })).ToArray();
        simulation.Introduce();
        var answered = 0;
        simulation.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                var from = hosts[simulation.Random.NextInt32(0, 3)];
                var to = hosts[(from.Index + simulation.Random.NextInt32(1, 3)) % 3];
                var data = new byte[simulation.Random.NextInt32(1, 800)];
                simulation.Random.Fill(data);
                try
                {
                    var reply = await from.Host.Request(to.Id, Echo, data);
                    Assert.Equal(data, reply.Data.ToArray());
                    answered++;
                }
                catch (TimeoutException)
                {
                    // Allowed through loss; counted by its absence.
                }
            }
        });
        return (simulation.TraceHash, simulation.Network.Statistics, answered, simulation.Now);
    }

    private static void SetEcho(SimulatedHost host) =>
        host.Host.SetMessageHandler(Echo, (message, cancellationToken) => message.Reply(message.Data, cancellationToken));
}

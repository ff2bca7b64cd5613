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

    /// <summary>Both carriers of a host share its port: the first to close must not leave the goodbye without one.</summary>
    [Fact]
    [Covers("API-018")]
    public void A_host_that_closes_tells_its_peers()
    {
        var simulation = new Simulation(3, new SimulationOptions { Link = new LinkOptions { Delay = TimeSpan.FromMilliseconds(20) } });
        var (a, b) = (simulation.AddHost(), simulation.AddHost(new SimulatedHostOptions { Started = SetEcho }));
        simulation.Introduce();
        simulation.Run(async () =>
        {
            await a.Host.Request(b.Id, Echo, new byte[1]);
            Assert.True(a.Host.Network.HasSession(b.Id));
            await b.Host.Close(TimeSpan.FromSeconds(1));
            await simulation.Delay(TimeSpan.FromMilliseconds(50));
            Assert.False(a.Host.Network.HasSession(b.Id));

            // And one that only dials, whose port nobody listens on.
            var dialler = simulation.AddHost(new SimulatedHostOptions { Configure = options => options.Listen.Clear() });
            dialler.Learn(a);
            SetEcho(a);
            await dialler.Host.Request(a.Id, Echo, new byte[1]);
            await dialler.Host.Request(a.Id, Echo, new byte[1]);
            Assert.True(a.Host.Network.HasSession(dialler.Id));
            await dialler.Host.Close(TimeSpan.FromSeconds(1));
            await simulation.Delay(TimeSpan.FromMilliseconds(50));
            Assert.False(a.Host.Network.HasSession(dialler.Id));
        });
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
            var pending = a.Host.Request(b.Id, Echo, new byte[] { 2 }).AsTask();
            await simulation.Delay(TimeSpan.FromSeconds(1));
            b.Restart();

            // Sent again and again, the request reaches the new life under keys it does not have, and comes back as a HINT.
            var lost = await Assert.ThrowsAsync<SessionLostException>(() => pending);
            Assert.Equal(PeerLoss.PeerRestarted, lost.Reason);
            var start = simulation.Now;
            Assert.Equal([3], (await a.Host.Request(b.Id, Echo, new byte[] { 3 })).Data.ToArray());
            Assert.InRange((simulation.Now - start).TotalMilliseconds, 40, 60);
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Covers("SEC-087")]
    public void A_host_that_restarts_while_traffic_flows_is_back_within_three_round_trips_and_300_ms(bool answererRestarts)
    {
        for (var seed = 1ul; seed <= 50; seed++)
        {
            var simulation = new Simulation(seed, new SimulationOptions { Link = Lossy with { Loss = 0, Duplicate = 0 } });
            var a = simulation.AddHost(new SimulatedHostOptions { Started = SetEcho });
            var b = simulation.AddHost(new SimulatedHostOptions { Started = SetEcho });
            simulation.Introduce();
            var (stays, restarts) = answererRestarts ? (a, b) : (b, a);
            simulation.Run(async () =>
            {
                await a.Host.Request(b.Id, Echo, new byte[] { 1 });
                await simulation.Delay(TimeSpan.FromSeconds(1));
                restarts.Crash();
                restarts.Restart();
                var start = simulation.Now;
                await Assert.ThrowsAsync<SessionLostException>(() => stays.Host.Request(restarts.Id, Echo, new byte[] { 2 }).AsTask());
                await stays.Host.Request(restarts.Id, Echo, new byte[] { 3 });
                Assert.InRange((simulation.Now - start).TotalMilliseconds, 120, (3 * 50) + 300);
            });
        }
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

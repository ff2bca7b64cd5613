using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Simulation.Tests.Clocks;

/// <summary>Wall clocks that are wrong cost at most one round trip, and never a message; timers follow the monotonic clock alone.</summary>
public sealed class ClockTests
{
    private static readonly TimeSpan OneWay = TimeSpan.FromMilliseconds(20);
    private static readonly ProtocolId Echo = "/echo";

    public static TheoryData<double, double, bool> WrongClocks
    {
        get
        {
            const double hour = 3_600;
            const double tenYears = 3_652.5 * 24 * hour;
            double[] skews = [0, -31, 31, -hour, hour, -tenYears, tenYears];
            var data = new TheoryData<double, double, bool>();
            foreach (var dialer in skews)
            {
                foreach (var listener in skews)
                {
                    data.Add(dialer, listener, false);
                    data.Add(dialer, listener, true);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(WrongClocks))]
    [Covers("SEC-057", "SEC-064")]
    public void A_request_to_a_peer_never_met_takes_at_most_two_round_trips_whatever_the_clocks_say(
        double dialerSkewSeconds, double listenerSkewSeconds, bool frozen)
    {
        var simulation = new Simulation(1, new SimulationOptions { Link = new LinkOptions { Delay = OneWay } });
        var dialer = AddHost(simulation, dialerSkewSeconds, frozen);
        var listener = AddHost(simulation, listenerSkewSeconds, frozen);
        simulation.Introduce();
        simulation.Run(async () =>
        {
            for (var life = 0; life < 6; life++)
            {
                // By turns the listener restarts, both do, the dialer does; the pauses are shorter and longer than the boot rule's 30 s.
                await simulation.Delay(TimeSpan.FromSeconds(life % 2 == 0 ? 3 : 95));
                var before = simulation.Now;
                var reply = await dialer.Host.Request(listener.Id, Echo, new[] { (byte)life });
                Assert.Equal([(byte)life], reply.Data.ToArray());
                Assert.InRange(simulation.Now - before, OneWay * 2, OneWay * 4);
                await CheckFlow(simulation, dialer, listener);
                await dialer.Host.Network.ClosePeer(listener.Id);
                await simulation.Delay(OneWay * 2);
                Restart(simulation, life % 3 == 2 ? [dialer] : life % 3 == 1 ? [dialer, listener] : [listener]);
            }
        });
    }

    [Fact]
    [Covers("SEC-031", "SEC-082")]
    public void A_clock_a_thousand_times_too_fast_causes_no_storm_of_timers()
    {
        var right = Exchange(clockRate: 1);
        var fast = Exchange(clockRate: 1_000);
        Assert.Equal(200, right.Answered);
        Assert.Equal(200, fast.Answered);
        Assert.True(fast.Sent <= 2 * right.Sent, $"{fast.Sent} datagrams with a fast clock, {right.Sent} without.");
    }

    // Both ways, so that no side rests on the other's clock alone.
    private static async Task CheckFlow(Simulation simulation, SimulatedHost dialer, SimulatedHost listener)
    {
        for (var i = 0; i < 5; i++)
        {
            var before = simulation.Now;
            var (from, to) = i % 2 == 0 ? (listener, dialer) : (dialer, listener);
            await from.Host.Request(to.Id, Echo, new byte[300]);
            Assert.InRange(simulation.Now - before, OneWay * 2, OneWay * 2.5);
        }
    }

    private static void Restart(Simulation simulation, SimulatedHost[] hosts)
    {
        foreach (var host in hosts)
            host.Crash();
        foreach (var host in hosts)
            host.Restart();
        simulation.Introduce();
    }

    private static SimulatedHost AddHost(Simulation simulation, double skewSeconds, bool frozen) => simulation.AddHost(
        new SimulatedHostOptions { ClockSkew = TimeSpan.FromSeconds(skewSeconds), ClockResets = frozen, Started = SetEcho });

    // A path so short that a second of it is a millisecond to the host with the fast clock.
    private static (long Sent, int Answered) Exchange(int clockRate)
    {
        var link = new LinkOptions { Delay = TimeSpan.FromMicroseconds(20) };
        var simulation = new Simulation(2, new SimulationOptions { Link = link, DatagramsMax = 100_000 });
        var hasty = simulation.AddHost(new SimulatedHostOptions { ClockRate = clockRate, Started = SetEcho });
        var other = simulation.AddHost(new SimulatedHostOptions { Started = SetEcho });
        simulation.Introduce();
        var answered = 0;
        simulation.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
            {
                var (from, to) = i % 2 == 0 ? (hasty, other) : (other, hasty);
                await from.Host.Request(to.Id, Echo, new byte[100]);
                answered++;
                await simulation.Delay(TimeSpan.FromMilliseconds(1));
            }

            await simulation.Delay(TimeSpan.FromSeconds(30));
        });
        return (simulation.Network.Statistics.Sent, answered);
    }

    private static void SetEcho(SimulatedHost host) =>
        host.Host.SetMessageHandler(Echo, (message, cancellationToken) => message.Reply(message.Data, cancellationToken));
}

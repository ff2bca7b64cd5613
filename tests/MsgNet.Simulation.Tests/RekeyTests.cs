using System.Buffers.Binary;
using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Simulation.Tests;

/// <summary>Sessions of the real hosts over hours of virtual time.</summary>
public class RekeyTests
{
    private static readonly ProtocolId Echo = "/echo/1.0";

    private static readonly LinkOptions Lossy = new()
    {
        Delay = TimeSpan.FromMilliseconds(20),
        Jitter = TimeSpan.FromMilliseconds(10),
        Loss = 0.2,
        Duplicate = 0.05,
    };

    [Theory]
    [InlineData(1, false, 0.2)]
    [InlineData(2, true, 0.2)]
    [InlineData(3, false, 0)]
    [InlineData(4, true, 0)]
    [Covers("SEC-079", "SEC-078", "SEC-103", "SEC-077")]
    public void An_hour_of_requests_and_thirty_new_keys_lose_and_double_nothing(ulong seed, bool answererAsks, double loss)
    {
        var simulation = new Simulation(seed, new SimulationOptions { Link = Lossy with { Loss = loss } });
        var handled = new HashSet<int>();
        var doubled = 0;
        void SetHandler(SimulatedHost host) => host.Host.SetMessageHandler(Echo, (message, cancellationToken) =>
        {
            if (!handled.Add(BinaryPrimitives.ReadInt32LittleEndian(message.Data.Span)))
                doubled++;
            return message.Reply(message.Data, cancellationToken);
        });

        var a = simulation.AddHost(new SimulatedHostOptions { Started = SetHandler });
        var b = simulation.AddHost(new SimulatedHostOptions { Started = SetHandler });
        simulation.Introduce();
        var answered = 0;
        var timedOut = 0;
        var keys = new HashSet<ChannelSession>();
        var oldest = TimeSpan.Zero;
        simulation.Run(
            async () =>
            {
                var (from, to) = (a, b);
                for (var number = 0; simulation.Now < TimeSpan.FromHours(1); number++)
                {
                    var data = BitConverter.GetBytes(number);
                    try
                    {
                        Assert.Equal(data, (await from.Host.Request(to.Id, Echo, data)).Data.ToArray());
                        answered++;
                    }
                    catch (TimeoutException)
                    {
                        timedOut++;
                    }

                    if (answererAsks)
                        (from, to) = (b, a);
                    var current = PeerOf(from).Sessions.Current;
                    if (current is not null)
                    {
                        keys.Add(current);
                        oldest = TimeSpan.FromTicks(Math.Max(oldest.Ticks, (from.Platform.Now - current.CreatedAt).Ticks));
                    }

                    await simulation.Delay(simulation.Random.NextTime(TimeSpan.FromSeconds(2)));
                }
            },
            TimeSpan.FromHours(2));

        Assert.Equal(0, doubled);
        Assert.InRange(handled.Count, answered, answered + timedOut);
        Assert.InRange(timedOut, 0, loss == 0 ? 0 : answered / 200); // seven tries in 10 s, each lost with 0.36
        Assert.Equal(0, Losses(a) + Losses(b));
        Assert.InRange(keys.Count, 25, 35);
        Assert.InRange(oldest.TotalSeconds, 110, 180);
        Assert.All(keys, key => Assert.True(key.IsDisposed || IsHeld(a, key) || IsHeld(b, key)));
        Assert.Equal(loss > 0, simulation.Network.Statistics.Dropped > 1_000);
    }

    [Fact]
    [Covers("SEC-068")]
    public void A_machine_that_slept_sends_nothing_under_old_keys()
    {
        var simulation = new Simulation(3, new SimulationOptions { Link = Lossy with { Loss = 0, Duplicate = 0 } });
        static void SetHandler(SimulatedHost host) =>
            host.Host.SetMessageHandler(Echo, (message, cancellationToken) => message.Reply(message.Data, cancellationToken));
        var a = simulation.AddHost();
        var b = simulation.AddHost(new SimulatedHostOptions { Started = SetHandler });
        simulation.Introduce();
        simulation.Run(async () =>
        {
            await a.Host.Request(b.Id, Echo, new byte[] { 1 });
            await simulation.Delay(TimeSpan.FromSeconds(5));
            var former = PeerOf(a).Sessions.Current!;
            var sent = former.Keys.Sealing.NextCounter;
            a.WallClockOffset = TimeSpan.FromMinutes(10);
            Assert.Equal([2], (await a.Host.Request(b.Id, Echo, new byte[] { 2 })).Data.ToArray());
            Assert.True(former.IsDisposed);
            Assert.Equal(sent, former.Keys.Sealing.NextCounter);
        });
    }

    private static bool IsHeld(SimulatedHost host, ChannelSession key) =>
        key == PeerOf(host).Sessions.Current || key == PeerOf(host).Sessions.Previous;

    private static long Losses(SimulatedHost host) =>
        ((UdpTransport)host.Host.Network.Transports()[0]).Node.Counters.Dropped(DropReason.PeerLost);

    private static PeerChannel PeerOf(SimulatedHost host) =>
        ((UdpTransport)host.Host.Network.Transports()[0]).Node.Peers.First();
}

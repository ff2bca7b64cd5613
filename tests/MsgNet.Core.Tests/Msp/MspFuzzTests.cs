using MsgNet.Testing;

namespace MsgNet.Core.Tests.Msp;

/// <summary>Whatever comes, an endpoint neither throws nor grows, and what it delivers was sent.</summary>
public sealed class MspFuzzTests
{
    private static readonly byte[][] Corpus =
    [
        Convert.FromHexString("04ffff"), Convert.FromHexString("00ffff"), Convert.FromHexString("020000"), Convert.FromHexString("08"),
        Convert.FromHexString("04ffff000061"), Convert.FromHexString("02010002006162"), Convert.FromHexString("0300000100"),
        Convert.FromHexString("05ffff000061"), [2, 1, 0, 3, 0, .. new byte[1024]],
    ];

    [Fact]
    [Covers("MSP-021", "MSP-023", "MSP-053", "MSP-054")]
    public void A_quarter_of_a_million_mutated_packets_do_no_harm()
    {
        var mutator = new Mutator(11);
        var events = new MspEvents();
        var buffer = new byte[Limits.MspPacketMax];
        using var endpoint = new MspEndpoint(poison: true);
        endpoint.Listen(MspAddress.Any(1), MspProfile.Default);
        endpoint.Listen(MspAddress.Any(2), MspProfile.Serval);
        var now = Instant.Zero;
        var kinds = new int[7];
        for (var i = 0; i < 250_000; i++)
        {
            now += TimeSpan.FromMicroseconds(mutator.Random.Next(2_000));
            for (var turn = 0; endpoint.NextTimer <= now; turn++)
            {
                Assert.True(turn < 1000, "A timer is due for ever.");
                Act(() => endpoint.OnTimer(now, events));
            }

            var pair = new MspPair(MspAddress.Any((uint)mutator.Random.Next(1, 4)), MspAddress.Any((uint)mutator.Random.Next(40)));
            var packet = mutator.Next(Corpus).ToArray();
            Act(() => endpoint.OnPacket(now, pair, packet, events));
            Assert.True(endpoint.ConnectionCount <= 120);
        }

        Assert.All(kinds.Where((_, kind) => kind != (int)MspEventKind.Connected && kind != (int)MspEventKind.Writable),
            count => Assert.True(count > 0, string.Join(' ', kinds)));
        Assert.True(endpoint.Counters is { BadAcks: > 0, BeyondWindow: > 0, Duplicates: > 0 });
        Assert.True(endpoint.Counters is { Malformed: > 0, StopsSent: > 0, LateFirsts: > 0 });

        void Act(Action act)
        {
            act();
            for (var j = 0; j < events.Count; j++)
                Use(events[j]);
            events.Clear();
            var writer = new MspPacketWriter(buffer);
            while (endpoint.WritePacket(now, ref writer))
                Assert.InRange(writer.Length, 1, Limits.MspPacketMax);
        }

        void Use(MspEvent happened)
        {
            kinds[(int)happened.Kind]++;
            var connection = happened.Connection;
            if (connection.End != MspEnd.None)
                return;

            connection.TrySend(now, "answer"u8);
            while (mutator.Random.Next(4) != 0 && connection.TryPeek(out var message))
                connection.Consume(now, mutator.Random.Next(1, message.Length + 1), events);
            var chance = mutator.Random.Next(200);
            if (chance == 0)
                connection.Stop(now, events);
            else if (chance == 1)
                connection.Abandon();
        }
    }

    [Fact]
    [Covers("MSP-011", "MSP-014", "MSP-022", "MSP-059")]
    public void Random_actions_on_a_random_network_deliver_a_prefix_of_what_was_sent_and_report_no_more()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            using var world = new MspWorld(seed)
            {
                Loss = random.NextDouble() * 0.4,
                Duplication = random.NextDouble() * 0.5,
                Delay = TimeSpan.FromMilliseconds(random.Next(1, 200)),
                Jitter = TimeSpan.FromMilliseconds(random.Next(200)),
            };
            var (a, b) = (world.Add(), world.Add());
            b.Endpoint.Listen(b.Address, random.Next(2) == 0 ? MspProfile.Serval : MspProfile.Default);
            b.OnAccepted = talk => talk.ReadsAll = false;
            var talk = a.Connect(world.Now, b, random.Next(2) == 0 ? MspProfile.Serval : MspProfile.Default);
            for (var step = 0; step < 60; step++)
            {
                Act(random, world, a, b, talk);
                world.Run(TimeSpan.FromMilliseconds(random.Next(1000)));
            }

            var received = b.Talks.Count == 0 ? [] : b.Talks[0].Received;
            Assert.Equal(talk.ToSend.Take(received.Count), received);
            Assert.True(talk.Connection.Delivered <= received.Count, $"seed {seed}");
        }
    }

    private static void Act(Random random, MspWorld world, MspHost a, MspHost b, MspTalk talk)
    {
        switch (random.Next(12))
        {
            case < 6:
                for (var count = random.Next(8); count > 0 && !talk.ShutsDown; count--)
                {
                    var message = new byte[random.Next(1, 1025)];
                    random.NextBytes(message);
                    talk.ToSend.Add(message);
                }

                break;
            case < 10:
                foreach (var reader in b.Talks)
                    b.Read(world.Now, reader, random.Next(5_000));
                break;
            case 10 when random.Next(20) == 0:
                a.Stop(world.Now, talk);
                break;
            case 11 when random.Next(10) == 0:
                talk.ShutsDown = true;
                break;
        }
    }
}

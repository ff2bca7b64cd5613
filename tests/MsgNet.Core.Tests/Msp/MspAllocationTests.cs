using MsgNet.Testing;

namespace MsgNet.Core.Tests.Msp;

/// <summary>What the steady state of a connection allocates: nothing.</summary>
public sealed class MspAllocationTests
{
    private static readonly byte[] Message = new byte[200];
    private readonly MspEvents events = new();
    private readonly byte[] buffer = new byte[Limits.MspPacketMax];
    private Instant now = Instant.Zero;
    private long received;

    [Theory]
    [InlineData("serval")]
    [InlineData("default")]
    public void Messages_both_ways_allocate_nothing(string name)
    {
        var profile = name == "serval" ? MspProfile.Serval : MspProfile.Default;
        var (here, there) = (MspAddress.Any(1), MspAddress.Any(2));
        using var a = new MspEndpoint(poison: false);
        using var b = new MspEndpoint(poison: false);
        b.Listen(there, profile);
        Assert.True(a.TryConnect(now, new MspPair(here, there), profile, out var one));
        MspConnection? two = null;
        Turn(a, b);
        Assert.True(one.TrySend(now, Message));
        for (var i = 0; i < 10_000; i++)
            Step();
        Assert.NotNull(two);

        Allocations.AssertAtMost<byte>(0, default, _ =>
        {
            received = 0;
            for (var i = 0; i < 5_000; i++)
                Step();
        });
        Assert.True(received > (name == "serval" ? 500 : 9_000), $"{received}");

        // A round trip of 2 ms; on each side a message per millisecond, and every 50th packet of a is lost.
        void Step()
        {
            now += TimeSpan.FromMilliseconds(1);
            one.TrySend(now, Message);
            two?.TrySend(now, Message);
            Turn(a, b);
            Turn(b, a);
        }

        void Turn(MspEndpoint from, MspEndpoint to)
        {
            if (from.NextTimer <= now)
                from.OnTimer(now, events);
            Handle(ref two);
            var writer = new MspPacketWriter(buffer);
            while (from.WritePacket(now, ref writer))
            {
                if (from == a && a.Counters.PacketsSent % 50 == 49)
                    continue;

                to.OnPacket(now, new MspPair(writer.Pair.Remote, writer.Pair.Local), writer.Packet, events);
                Handle(ref two);
            }
        }
    }

    private void Handle(ref MspConnection? accepted)
    {
        for (var i = 0; i < events.Count; i++)
        {
            var connection = events[i].Connection;
            if (events[i].Kind == MspEventKind.Accepted)
                accepted = connection;
            while (connection.TryPeek(out var message))
            {
                received++;
                connection.Consume(now, message.Length, events);
            }
        }

        events.Clear();
    }
}

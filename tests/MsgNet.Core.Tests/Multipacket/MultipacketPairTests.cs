using System.Text;
using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Multipacket;

/// <summary>A sender and a receiver over a link that loses and reorders: whatever arrives reaches the protocol it was sent to.</summary>
public sealed class MultipacketPairTests
{
    private readonly ProtocolRegistry registry = new();
    private OutgoingNames sender = new();
    private readonly IncomingNames receiver = new(new ResetBudget());
    private readonly ProtocolId[] protocols = [.. Enumerable.Range(0, 20).Select(i => new ProtocolId($"/protocol/{i}"))];
    private readonly List<byte[]> link = [];
    private readonly byte[] buffer = new byte[1200];
    private int delivered;
    private int continuations;
    private int bad;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [Covers("MP-031", "MP-035", "MP-037", "MP-038", "MP-039", "MP-040", "MP-041")]
    public void Messages_reach_their_protocol_through_loss_and_reordering(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 15; i++)
            registry.Register(protocols[i]);
        for (var ms = 0; ms < 50_000; ms++)
        {
            Send(At(ms), protocols[random.Next(protocols.Length)]);
            if (random.Next(2000) == 0)
                sender.NewPath();
            if (random.Next(500) == 0 && !registry.Unregister(protocols[ms % 20]))
                registry.Register(protocols[ms % 20]);
            while (link.Count > random.Next(1, 6))
            {
                var at = random.Next(link.Count);
                var list = link[at];
                link.RemoveAt(at);
                if (random.Next(10) > 0)
                    Receive(At(ms), list);
            }

            Answer(At(ms), random.Next(10) > 0);
        }

        Assert.Equal(0, bad);
        Assert.InRange(delivered, 10_000, 50_000);
        Assert.True(continuations > delivered / 2, $"{continuations} of {delivered} went by number.");
    }

    private void Send(Instant now, ProtocolId protocol)
    {
        if (sender.Open(now, protocol, out var name) != NameStatus.Ready)
            return;

        var message = Encoding.ASCII.GetBytes(protocol.Name);
        var writer = new WireWriter(buffer);
        Assert.True(name!.IsAcknowledged
            ? FrameWriter.TryWriteContinuation(ref writer, name.ProtocolInt, message)
            : FrameWriter.TryWriteInit(ref writer, name.TransportId, name.AsciiName, name.ProtocolInt, message));
        link.Add(writer.Written.ToArray());
    }

    private void Receive(Instant now, byte[] list)
    {
        var reader = new FrameListReader(list);
        Assert.Equal(FrameReadStatus.Frame, reader.TryNext(out var frame));
        if (frame.Type == FrameType.Init)
        {
            Assert.True(InitFrame.TryParse(frame.Body, out var init));
            var status = receiver.OnInit(now, init, registry, out var entry);
            bad += status == InitStatus.Bad ? 1 : 0;
            Deliver(entry, init.Message);
        }
        else
        {
            Assert.True(ContinuationFrame.TryParse(frame.Body, out var continuation));
            receiver.TryResolve(now, continuation.ProtocolInt, out var entry);
            continuations += entry is null ? 0 : 1;
            Deliver(entry, continuation.Message);
        }
    }

    private void Deliver(ProtocolEntry? entry, ReadOnlySpan<byte> message)
    {
        if (entry is null)
            return;

        Assert.Equal(entry.Id.Name, Encoding.ASCII.GetString(message));
        delivered++;
    }

    private void Answer(Instant now, bool arrives)
    {
        var writer = new WireWriter(buffer);
        if (!receiver.TryWriteControl(now, ref writer) || !arrives)
            return;

        var reader = new FrameListReader(writer.Written);
        while (reader.TryNext(out var frame) == FrameReadStatus.Frame)
        {
            if (AckFrame.TryParse(frame.Body, out var ack) && frame.Type == FrameType.Ack)
                sender.OnAck(ack.TransportId);
            else if (ResetFrame.TryParse(frame.Body, out var reset))
                sender.OnReset(reset.ProtocolInt);
        }
    }

    private static Instant At(int milliseconds) => Instant.FromMicroseconds(milliseconds * 1000L);
}

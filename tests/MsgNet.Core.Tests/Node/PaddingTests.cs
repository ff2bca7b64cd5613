using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>Datagrams that are padded to the size of those they leave with.</summary>
public sealed class PaddingTests
{
    private readonly NodeNetwork network = new();
    private TestNode a = null!;
    private TestNode b = null!;

    [Fact]
    [Covers("REC-070", "MP-022")]
    public void On_a_short_path_datagrams_come_out_at_one_size_but_for_the_last()
    {
        var lane = Connect(microseconds: 200);
        var flights = Burst(lane, count: 2_000, shortest: 20);
        Assert.True(flights.Length > 20);
        Assert.Single(flights[1..^1].Select(flight => flight.Datagram.Length).Distinct());
        Assert.Contains(flights, flight => PaddingOf(flight) == 1);
        Assert.Equal(0, PaddingOf(flights[^1]));
        Assert.All(flights, flight => Assert.InRange(PaddingOf(flight), 0, Limits.DatagramSizeEthernet / Limits.PaddingShare));
    }

    [Fact]
    [Covers("REC-070")]
    public void On_a_path_that_is_paced_no_datagram_is_padded()
    {
        var lane = Connect(microseconds: 10_000);
        var flights = Burst(lane, count: 2_000, shortest: 20);
        Assert.All(flights, flight => Assert.Equal(0, PaddingOf(flight)));
        Assert.True(flights.Select(flight => flight.Datagram.Length).Distinct().Count() > 2);
    }

    [Fact]
    [Covers("REC-070")]
    public void More_than_a_64th_is_never_filled_up()
    {
        Connect(microseconds: 200);
        Send(1); // names the protocol
        a.Write();
        network.Run(seconds: 1);
        b.Log.Clear();
        int[] lengths = [1_300, 1_280, 1_279, 1_250, 1_300];
        foreach (var length in lengths)
            Send(length);
        var before = network.Flights.Count;
        a.Write();
        var padded = network.Flights.Skip(before).Where(flight => !IsProbe(flight)).Select(PaddingOf).ToArray();
        Assert.Equal([0, 20, 0, 0, 0], padded);
        network.RunUntil(() => b.Messages.Count() == lengths.Length);
        Assert.Equal(lengths, b.Messages.Select(message => message.Data.Length));
    }

    // Bytes behind the frames of a list.
    private static int PaddingOf(Flight flight)
    {
        var reader = new FrameListReader(flight.Frames);
        var end = 0;
        while (reader.TryNext(out var frame) == FrameReadStatus.Frame)
            end = frame.BodyOffset + frame.Body.Length;
        Assert.All(flight.Frames[end..], filling => Assert.Equal(0, filling));
        return flight.Frames.Length - end;
    }

    // What tries a size is nothing but padding.
    private static bool IsProbe(Flight flight) => flight.Frames.Length < 100 || flight.Frames[1] == (byte)FrameType.PathChallenge;

    private void Send(int length) =>
        Assert.Equal(SendStatus.Accepted, a.Machine.TrySend(network.Now, a.Peer(b), "/chat", new byte[length], allowEarly: false));

    private Lane Connect(int microseconds)
    {
        network.Delay = TimeSpan.FromMicroseconds(microseconds);
        a = network.Add("/chat");
        b = network.Add("/chat");
        network.Connect(a, b);
        var lane = a.OpenLane(b);
        for (var i = 0; i < 10; i++)
        {
            Burst(lane, count: 200, shortest: 1_000);
            network.Run(seconds: 5); // until every size of datagrams was tried
        }

        return lane;
    }

    // The datagrams of so many messages of slightly different lengths that were sent at once.
    private Flight[] Burst(Lane lane, int count, int shortest)
    {
        var before = network.Flights.Count;
        var messages = Enumerable.Range(0, count).Select(number => (ReadOnlyMemory<byte>)new byte[shortest + (number % 7)]).ToArray();
        Assert.Equal(SendStatus.Accepted, a.Machine.TrySend(network.Now, lane, messages, out _));
        a.Write();
        network.RunUntil(() => lane.Delivered == lane.Sent);
        return [.. network.Flights.Skip(before).Where(flight => flight.From == a.Address && !IsProbe(flight))];
    }
}

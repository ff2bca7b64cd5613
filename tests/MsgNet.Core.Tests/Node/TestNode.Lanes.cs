using System.Text;

namespace MsgNet.Core.Tests.Node;

/// <content>The driver's side of lanes.</content>
internal sealed partial class TestNode
{
    /// <summary>What was taken from lanes, requests included, in order.</summary>
    public List<Arrived> Taken { get; } = [];

    public IEnumerable<string> LaneTexts => Taken.Select(message => message.Text);

    public IEnumerable<Happened> LanesEnded => Log.Where(happened => happened.Kind == NodeEventKind.LaneEnded);

    /// <summary>False: messages are taken, and consumed when the test says so.</summary>
    public bool Consumes { get; set; } = true;

    /// <summary>False: nothing is taken before the test calls <see cref="Read"/>.</summary>
    public bool Reads { get; set; } = true;

    /// <summary>Answers a request on a lane at once; null leaves it to the test.</summary>
    public Func<Arrived, byte[]?> OnLaneRequest { get; set; } = request => request.Data;

    public Lane OpenLane(TestNode other, string protocol = "/chat", LaneKind kind = LaneKind.Ordered, bool allowEarly = true)
    {
        var status = Machine.TryOpenLane(network.Now, Peer(other), ProtocolId.FromString(protocol), kind, allowEarly, out var lane);
        Assert.Equal(SendStatus.Accepted, status);
        return lane!;
    }

    public SendStatus Send(Lane lane, byte[] data)
    {
        var status = Machine.TrySend(network.Now, lane, data);
        Write();
        return status;
    }

    public SendStatus Send(Lane lane, string text) => Send(lane, Encoding.UTF8.GetBytes(text));

    /// <summary>Sends what there is room for whenever there is.</summary>
    public void SendAll(Lane lane, int count, Func<int, byte[]> make)
    {
        for (var sent = 0; sent < count;)
        {
            var status = Machine.TrySend(network.Now, lane, make(sent));
            if (status == SendStatus.Accepted)
            {
                sent++;
                continue;
            }

            Assert.Equal(SendStatus.Full, status);
            Write();
            var rooms = Count(NodeEventKind.LaneRoom);
            network.RunUntil(() => Count(NodeEventKind.LaneRoom) > rooms, seconds: 120);
        }

        Write();
    }

    public ulong Request(Lane lane, string text, double seconds = 10)
    {
        var status = Machine.TryRequest(
            network.Now, lane, Encoding.UTF8.GetBytes(text), text, network.Now + TimeSpan.FromSeconds(seconds), out var id);
        Assert.Equal(SendStatus.Accepted, status);
        Write();
        return id;
    }

    public void Reply(Arrived request, byte[] data)
    {
        Machine.Reply(network.Now, request.Lane, request.RequestId, ReplyStatus.Ok, data);
        Write();
    }

    public void Shutdown(Lane lane)
    {
        Machine.ShutdownLane(network.Now, lane);
        Write();
    }

    public void Abort(Lane lane)
    {
        Machine.AbortLane(network.Now, lane);
        Write();
    }

    public void Consume(Arrived message)
    {
        Machine.Consume(network.Now, message.Lane, message.Receipt);
        Write();
    }

    /// <summary>Takes what waits on a lane; <see cref="Write"/> has to follow.</summary>
    public void Read(Lane lane)
    {
        while (Reads && Machine.TryPeekMessage(lane, out var message))
        {
            var taken = new Arrived(
                network.Now, lane, message.Data.ToArray(), message.RequestId, message.Receipt, message.Early);
            Machine.TakeMessage(network.Now, lane);
            Taken.Add(taken);
            if (taken.RequestId != 0 && OnLaneRequest(taken) is { } reply)
                Machine.Reply(network.Now, lane, taken.RequestId, ReplyStatus.Ok, reply);
            if (Consumes)
                Machine.Consume(network.Now, lane, taken.Receipt);
        }
    }
}

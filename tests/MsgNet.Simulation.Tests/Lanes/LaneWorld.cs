using System.Buffers.Binary;
using MsgNet.Core;

namespace MsgNet.Simulation.Tests.Lanes;

/// <summary>Two hosts, the first of which knows where the second is; the second's handler ends its calls when the test says so.</summary>
internal sealed class LaneWorld
{
    public static readonly ProtocolId Chat = "/chat/1.0";
    public static readonly SendOptions Tracked = new() { Delivery = Delivery.ReliableOrdered, WaitForDelivery = true };
    private readonly Queue<TaskCompletionSource> calls = [];
    private bool holds;

    public LaneWorld(ulong seed = 1, LinkOptions? link = null, Action<MsgNetOptions>? configure = null)
    {
        link ??= new LinkOptions { Delay = TimeSpan.FromMilliseconds(10) };
        Simulation = new Simulation(seed, new SimulationOptions { Link = link });
        A = Simulation.AddHost(new SimulatedHostOptions { Configure = configure });
        B = Simulation.AddHost(new SimulatedHostOptions { Configure = configure, Started = host => SetHandler(host, Chat) });
        A.Learn(B);
    }

    public Simulation Simulation { get; }

    public SimulatedHost A { get; }

    public SimulatedHost B { get; }

    /// <summary>The numbers of the messages that B's handler was called with, in that order.</summary>
    public List<int> Got { get; } = [];

    /// <summary>The messages themselves, without their bytes.</summary>
    public List<Message> Messages { get; } = [];

    /// <summary>Calls of the handler that have not ended.</summary>
    public int Calls => calls.Count;

    public UdpNode NodeOfA => ((UdpTransport)A.Host.Network.Transports()[0]).Node;

    public static byte[] Numbered(int number, int length = 4)
    {
        var data = new byte[length];
        BinaryPrimitives.WriteInt32LittleEndian(data, number);
        return data;
    }

    public static T Failure<T>(Task task)
        where T : Exception
    {
        Assert.True(task.IsFaulted, $"{task.Status}");
        return Assert.IsType<T>(task.Exception!.InnerException);
    }

    /// <summary>The result of what must have ended by now.</summary>
    public static T Now<T>(Task<T> task)
    {
        Assert.True(task.IsCompletedSuccessfully, $"{task.Status} {task.Exception}");
        return task.Result;
    }

    /// <summary>From now on calls of the handler end when <see cref="Release"/> says so.</summary>
    public void Hold() => holds = true;

    /// <summary>Ends the oldest call, by throwing if there is something to throw.</summary>
    public void Release(Exception? error = null)
    {
        var call = calls.Dequeue();
        Do(() =>
        {
            if (error is null)
                call.SetResult();
            else
                call.SetException(error);
        });
    }

    /// <summary>Ends all calls, those included that begin meanwhile.</summary>
    public void ReleaseAll()
    {
        holds = false;
        while (calls.Count > 0)
            Release();
    }

    /// <summary>Does something on the simulation's thread.</summary>
    public void Do(Action action) => Simulation.Run(() =>
    {
        action();
        return Task.CompletedTask;
    });

    public void SetHandler(SimulatedHost host, ProtocolId protocol) => host.Host.SetMessageHandler(protocol, OnMessage);

    public Task Send(int number, SendOptions options, int length = 4) =>
        A.Host.SendMessage(B.Id, Chat, Numbered(number, length), options).AsTask();

    public ISocketSession Open(SendOptions options) => A.Host.OpenSession(B.Id, Chat, options);

    public void Run(double seconds) => Simulation.Run(TimeSpan.FromSeconds(seconds));

    private ValueTask OnMessage(Message message, CancellationToken cancellationToken)
    {
        Got.Add(message.Data.Length < 4 ? -1 : BinaryPrimitives.ReadInt32LittleEndian(message.Data.Span));
        Messages.Add(message);
        if (!holds)
            return ValueTask.CompletedTask;

        var call = new TaskCompletionSource();
        calls.Enqueue(call);
        return new ValueTask(call.Task);
    }
}

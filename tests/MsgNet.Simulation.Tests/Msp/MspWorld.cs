using MsgNet.Core;

namespace MsgNet.Simulation.Tests;

/// <summary>Two hosts of a simulation with MSP sockets over plain datagrams, and what their handlers saw.</summary>
internal sealed class MspWorld : IMspRig
{
    public const string ListenAddress = "/ip4/0.0.0.0/udp/4110";

    public MspWorld(ulong seed = 1, LinkOptions? link = null, MspProfile? a = null, MspProfile? b = null, bool callerDriven = false)
    {
        var options = new SimulationOptions { Link = link ?? new LinkOptions { Delay = TimeSpan.FromMilliseconds(20) } };
        Simulation = new Simulation(seed, options, TestMessageHost.Create);
        HostA = Simulation.AddHost();
        HostB = Simulation.AddHost();
        A = Open(HostA, a, callerDriven);
        B = Open(HostB, b, callerDriven);
    }

    public Simulation Simulation { get; }

    public SimulatedHost HostA { get; }

    public SimulatedHost HostB { get; }

    public MspSockets A { get; }

    public MspSockets B { get; }

    /// <summary>Where A reaches what listens at <see cref="ListenAddress"/> on B.</summary>
    public Multiaddress AtB => Multiaddress.FromUdpEndPoint(HostB.LocalAddresses[0], 4110);

    Multiaddress IMspRig.ListenAt => ListenAddress;

    Multiaddress IMspRig.ConnectTo => AtB;

    /// <summary>20 ms of delay, and loss both ways.</summary>
    public static MspWorld With(ulong seed, double loss, MspProfile a, MspProfile b) =>
        new(seed, new LinkOptions { Delay = TimeSpan.FromMilliseconds(20), Loss = loss }, a, b);

    public static MspSockets Open(SimulatedHost host, MspProfile? profile = null, bool callerDriven = false) => MspSockets.OverPlainUdp(
        host.Platform,
        new MspSocketsOptions { Profile = profile ?? MspProfile.Default, IsCallerDriven = callerDriven });

    /// <summary>A listener on B whose connections go to a handler.</summary>
    public MspSocket Listen(MspHandler? handler)
    {
        var listener = B.Create();
        listener.Bind(ListenAddress);
        listener.SetHandler(handler);
        listener.Listen();
        return listener;
    }

    /// <summary>A connection from A to the listener on B.</summary>
    public MspSocket Connect(MspHandler? handler)
    {
        var socket = A.Create();
        socket.SetHandler(handler);
        socket.Connect(AtB);
        return socket;
    }

    /// <summary>Runs the simulation; in caller-driven mode a pass of each side follows every millisecond.</summary>
    public void Run(TimeSpan time, params MspSockets[] driven)
    {
        if (driven.Length == 0)
        {
            Simulation.Run(time);
            return;
        }

        for (var left = time; left > TimeSpan.Zero; left -= TimeSpan.FromMilliseconds(1))
        {
            foreach (var sockets in driven)
                sockets.Process(sockets.Now);
            Simulation.Run(TimeSpan.FromMilliseconds(1));
        }
    }

    public bool RunUntil(Func<bool> condition, double seconds = 30) => Simulation.RunUntil(condition, TimeSpan.FromSeconds(seconds));

    /// <summary>What a wait that has ended gave.</summary>
    public static T ResultOf<T>(Task<T> task)
    {
        Assert.True(task.IsCompletedSuccessfully);
        return task.Result;
    }

    /// <summary>What a wait that has ended gave.</summary>
    public static T ResultOf<T>(ValueTask<T> task) => ResultOf(task.AsTask());

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }
}

/// <summary>One call of a handler.</summary>
internal sealed record MspCall(MspSocket Socket, MspStates States, byte[] Message, TimeSpan At);

/// <summary>Remembers every call, and consumes as much as it was told to.</summary>
internal sealed class MspRecorder(MspWorld world, int consumes = int.MaxValue)
{
    public List<MspCall> Calls { get; } = [];

    public int Consumes { get; set; } = consumes;

    public IEnumerable<byte[]> Messages => Calls.Where(call => call.Message.Length > 0).Select(call => call.Message);

    public int Handle(MspSocket socket, MspStates states, ReadOnlySpan<byte> message)
    {
        Calls.Add(new MspCall(socket, states, message.ToArray(), world.Simulation.Now));
        return Math.Min(Consumes, message.Length);
    }
}

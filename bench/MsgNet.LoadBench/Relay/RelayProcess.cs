using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using MsgNet.Bench;
using MsgNet.LoadBench.Contestants;
using MsgNet.LoadBench.Processes;

namespace MsgNet.LoadBench.Relay;

/// <summary>
/// The process of a link between a caller and a listener. Its first line says what link and where to; it answers with its port, and every
/// further line with what happened since the last. Linux.
/// </summary>
internal sealed unsafe class RelayProcess : IDisposable
{
    public const string Role = "relay";

    private const int SlotCount = 1 << 16; // 100 MB/s for half a second
    private const int BufferBytes = 4 << 20;
    private const long SleepMax = 5_000_000;
    private const short Readable = 1;
    private const int SetTimerSlack = 29; // PR_SET_TIMERSLACK
    private const int SocketLevel = 1;

    private readonly Socket callers = Open();
    private readonly Socket listener = Open();
    private readonly Slots slots = new(SlotCount);
    private readonly LinkClock clock = new();
    private readonly RelayDirection forward;
    private readonly RelayDirection back;
    private readonly byte[] caller = new byte[DatagramBatch.AddressLength];
    private readonly Lock gate = new();
    private readonly LoopThread thread;
    private long overrunBefore;
    private double cpuSecondsBefore;

    public RelayProcess(RelayStart start)
    {
        forward = new RelayDirection(new LinkDirection(start.Link, start.Seed), clock, slots);
        back = new RelayDirection(new LinkDirection(start.Link, start.Seed + 1), clock, slots);
        listener.Connect(IPAddress.Loopback, start.TargetPort);
        thread = new LoopThread("relay", Carry);
    }

    /// <summary>Where callers send to.</summary>
    public int Port => ((IPEndPoint)callers.LocalEndPoint!).Port;

    /// <summary>Runs on the calling thread until the input ends.</summary>
    public static void Run(TextReader input, TextWriter output)
    {
        if (input.ReadLine() is not { } first)
            return;

        using var relay = new RelayProcess(JsonSerializer.Deserialize<RelayStart>(first, Wire.Json)!);
        output.WriteLine(relay.Port);
        output.Flush();
        while (input.ReadLine() is not null)
        {
            output.WriteLine(JsonSerializer.Serialize(relay.Take(), Wire.Json));
            output.Flush();
        }
    }

    /// <summary>What happened since it was last asked.</summary>
    public RelayCounts Take()
    {
        thread.Check();
        lock (gate)
        {
            var (overrun, cpuSeconds) = (overrunBefore, cpuSecondsBefore);
            overrunBefore = KernelDrops.Of(Port) + KernelDrops.Of(((IPEndPoint)listener.LocalEndPoint!).Port);
            cpuSecondsBefore = Environment.CpuUsage.TotalTime.TotalSeconds;
            var there = forward.Take(out var tooLarge);
            var andBack = back.Take(out var tooLargeBack);
            return new RelayCounts(there, andBack, overrunBefore - overrun + tooLarge + tooLargeBack, cpuSecondsBefore - cpuSeconds);
        }
    }

    public void Dispose()
    {
        thread.Dispose();
        forward.Dispose();
        back.Dispose();
        slots.Dispose();
        callers.Dispose();
        listener.Dispose();
    }

    private static Socket Open()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
        {
            ReceiveBufferSize = BufferBytes,
            SendBufferSize = BufferBytes,
        };
        Span<byte> yes = [1, 0, 0, 0];
        socket.SetRawSocketOption(SocketLevel, SystemCalls.Arrival.TypeOfIt, yes);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private void Carry(CancellationToken stop)
    {
        // Waits end when they are due, and not up to 50 us later, as Linux has it for the sake of batteries.
        _ = SystemCalls.ControlThread(SetTimerSlack, 1, 0, 0, 0);
        int from = (int)callers.Handle, to = (int)listener.Handle;
        while (!stop.IsCancellationRequested)
        {
            int count;
            lock (gate)
                count = Step(from, to);
            if (count == 0)
                Sleep(from, to);
        }
    }

    private int Step(int from, int to)
    {
        clock.Turn();
        var count = forward.Receive(from, caller) + back.Receive(to, []);
        count += forward.Send(to, null);
        fixed (byte* address = caller)
            count += back.Send(from, address);
        return count;
    }

    private void Sleep(int from, int to)
    {
        var wait = Math.Clamp(Math.Min(forward.NextAt, back.NextAt) - clock.Now, 0, SleepMax);
        var time = new SystemCalls.TimeValue { Nanoseconds = wait };
        var entries = stackalloc SystemCalls.PollEntry[2];
        entries[0] = new SystemCalls.PollEntry { Socket = from, Events = Readable };
        entries[1] = new SystemCalls.PollEntry { Socket = to, Events = Readable };
        _ = SystemCalls.Poll(entries, 2, &time, null);
    }
}

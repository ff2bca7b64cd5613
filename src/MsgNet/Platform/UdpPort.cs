using System.Net;
using System.Net.Sockets;
using MsgNet.Core;

namespace MsgNet.Platform;

/// <summary>A UDP port of the operating system, with one blocking thread that receives.</summary>
/// <remarks>
/// Safe on any thread.
/// <see cref="Dispose"/> waits for the receive thread and must not be called under a lock that the receiver takes; the receiver itself
/// may call it.
/// In the steady state neither direction allocates.
/// </remarks>
internal sealed class UdpPort : IDatagramPort
{
    /// <summary>Asked of the system for each direction: at 1,200 bytes about 3,600 datagrams, where the default holds 92.</summary>
    public const int SocketBufferBytes = 4 << 20; // API-102

    /// <summary>Datagrams taken at once before <see cref="IDatagramReceiver.OnBatchEnd"/>, when they are small.</summary>
    public const int BatchMax = 256;

    /// <summary>As many make a batch when they hold <see cref="BatchBytes"/>.</summary>
    public const int BatchMin = 64;

    /// <summary>What a batch holds at least, unless it has <see cref="BatchMax"/> datagrams or nothing more has come.</summary>
    public const int BatchBytes = 64 * 1024;

    // Looks in a row before others may have the core: three microseconds of them, and giving way takes as long as a look.
    private const int LooksMax = 4;

    private static readonly TimeSpan WakeWaitMax = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ErrorPause = TimeSpan.FromMilliseconds(10);

    private readonly Socket socket;
    private readonly IDatagramIo io;
    private readonly TimeSpan spin;
    private readonly TimeProvider clock;
    private readonly ManualResetEventSlim closing = new();
    private readonly Lock gate = new();
    private Thread? thread;
    private volatile Action? probe;
    private AdaptiveSpin adaptive; // of the receiving thread

    private UdpPort(Socket socket, int localPort, IDatagramIo io, DatagramPortSettings settings, TimeProvider clock)
    {
        this.socket = socket;
        this.io = io;
        spin = settings.ReceiveSpin;
        adaptive = new AdaptiveSpin(spin);
        Losses = settings.Losses ?? new UdpLosses();
        this.clock = clock;
        var bound = (IPEndPoint)socket.LocalEndPoint!;
        Local = NetAddress.From(bound.Address, bound.Port, localPort);
        ReceiveBufferBytes = socket.ReceiveBufferSize;
    }

    /// <inheritdoc/>
    public NetAddress Local { get; }

    /// <summary>
    /// The receive buffer that the system really gave; on Linux counted with its overhead, so up to twice what was asked.
    /// </summary>
    public int ReceiveBufferBytes { get; }

    /// <summary>Where it counts what was lost on the way through it.</summary>
    public UdpLosses Losses { get; }

    /// <summary>Binds a port.</summary>
    /// <exception cref="MsgNetException">The system refused; the message says why and what to do.</exception>
    public static UdpPort Open(IPAddress address, int port, int localPort, DatagramPortSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return Open(address, port, localPort, (socket, number) => OpenIo(socket, number, settings), settings, TimeProvider.System);
    }

    /// <summary>Binds a port whose datagrams move, and which measures its spinning, in a way of the caller's choice.</summary>
    /// <exception cref="MsgNetException">The system refused; the message says why and what to do.</exception>
    internal static UdpPort Open(
        IPAddress address,
        int port,
        int localPort,
        Func<Socket, int, IDatagramIo> openIo,
        DatagramPortSettings settings,
        TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)port, 65_535u);
        var socket = SystemSocket.Bind(address, port, SocketBufferBytes);
        return new UdpPort(socket, localPort, openIo(socket, localPort), settings, clock);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">It was started before.</exception>
    public void Start(IDatagramReceiver receiver)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(closing.IsSet, this);
            if (thread is not null)
                throw new InvalidOperationException("This port has a receiver already; open another port.");

            thread = new Thread(() => Receive(receiver)) { IsBackground = true, Name = $"MsgNet UDP {Local}" };
            thread.Start();
        }
    }

    /// <inheritdoc/>
    public void Send(in NetAddress to, ReadOnlySpan<byte> datagrams, int segmentSize)
    {
        if (closing.IsSet)
            return;

        try
        {
            var refused = io.Send(to, datagrams, segmentSize);
            if (refused > 0)
                Losses.AddSendsDropped(refused);
        }
        catch (ObjectDisposedException)
        {
            // Closed meanwhile.
        }
    }

    /// <inheritdoc/>
    public void Probe(Action answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        probe = answer;
        SystemSocket.Wake(socket);
    }

    /// <summary>Closes the port; on return no further datagram is handed over, unless called from the receiver.</summary>
    public void Dispose()
    {
        Thread? receiving;
        lock (gate)
        {
            if (closing.IsSet)
                return;
            closing.Set();
            receiving = thread;
        }

        if (receiving is null)
            Free();
        else if (receiving != Thread.CurrentThread)
            Join(receiving);
    }

    private static IDatagramIo OpenIo(Socket socket, int localPort, DatagramPortSettings settings) =>
        LinuxDatagramIo.TryOpen(socket, localPort, Limits.DatagramReceiveMax, settings.SegmentationOffload, out var io)
            ? io
            : new PortableDatagramIo(socket, localPort, Limits.DatagramReceiveMax);

    private void Join(Thread receiving)
    {
        // A datagram to itself is what ends a blocking receive on every system; closing the socket under it does not on all of them.
        SystemSocket.Wake(socket);
        if (!receiving.Join(WakeWaitMax))
            socket.Dispose();
        receiving.Join();
    }

    private void Receive(IDatagramReceiver receiver)
    {
        while (!closing.IsSet)
        {
            var batch = default(Batch);
            for (var runs = Wait(); !runs.IsEmpty; runs = Take(wait: false))
            {
                HandOver(receiver, runs, ref batch);
                if (batch.IsFull || !io.MayHoldMore || closing.IsSet)
                    break;
            }

            if (batch.Datagrams > 0)
                receiver.OnBatchEnd();
        }

        Free();
    }

    // API-230: what comes while it looks finds the thread awake, and its code in the caches.
    private ReadOnlySpan<ReceivedRun> Wait()
    {
        if (spin == TimeSpan.Zero)
            return Take(wait: true);

        var began = clock.GetTimestamp();
        var runs = Look(began, adaptive.Begin());
        var looked = clock.GetElapsedTime(began);
        var waited = looked;
        if (runs.IsEmpty && !closing.IsSet)
        {
            runs = Take(wait: true);
            waited = clock.GetElapsedTime(began);
        }

        adaptive.End(looked, waited);
        return runs;
    }

    private ReadOnlySpan<ReceivedRun> Look(long began, TimeSpan time)
    {
        for (var looks = 1; !closing.IsSet && clock.GetElapsedTime(began) < time; looks++)
        {
            var runs = Take(wait: false);
            if (!runs.IsEmpty)
                return runs;
            if (looks % LooksMax == 0)
                io.GiveWay();
        }

        return [];
    }

    private void HandOver(IDatagramReceiver receiver, ReadOnlySpan<ReceivedRun> runs, ref Batch batch)
    {
        if (closing.IsSet)
            return; // what came may be what woke this thread

        // The empty datagram that carries a probe is nobody's message.
        if (probe is not null && AnswerProbe() && TryFindEmpty(runs, out var index))
        {
            HandOver(receiver, runs[..index], ref batch);
            runs = runs[(index + 1)..];
        }

        if (runs.IsEmpty)
            return;

        receiver.OnDatagrams(runs);
        batch.Add(runs);
    }

    private static bool TryFindEmpty(ReadOnlySpan<ReceivedRun> runs, out int index)
    {
        for (index = 0; index < runs.Length; index++)
        {
            if (runs[index].Datagrams.IsEmpty)
                return true;
        }

        return false;
    }

    private bool AnswerProbe()
    {
        var answer = Interlocked.Exchange(ref probe, null);
        answer?.Invoke();
        return answer is not null;
    }

    private ReadOnlySpan<ReceivedRun> Take(bool wait)
    {
        try
        {
            var runs = io.Receive(wait, out var error);
            if (error != SocketError.Success)
                OnReceiveError(error);
            return runs;
        }
        catch (ObjectDisposedException)
        {
            return [];
        }
    }

    private void OnReceiveError(SocketError error)
    {
        if (closing.IsSet)
            return;

        // An ICMP message about something sent earlier: a hint anyone can forge, so nothing but a count.
        Losses.AddReceiveError();
        if (error is not (SocketError.ConnectionReset or SocketError.ConnectionRefused or SocketError.MessageSize))
            closing.Wait(ErrorPause);
    }

    private void Free()
    {
        socket.Dispose();
        io.Dispose();
    }

    // What the receiver took. Its end is a REPORT, which wakes a thread of each peer: small datagrams by the 64 would cost more in those
    // than in themselves.
    private struct Batch
    {
        public int Datagrams;
        public int Bytes;

        public void Add(ReadOnlySpan<ReceivedRun> runs)
        {
            foreach (ref readonly var run in runs)
            {
                Datagrams += new DatagramRun(run.Datagrams.Length, run.SegmentSize).Count;
                Bytes += run.Datagrams.Length;
            }
        }

        public readonly bool IsFull => Datagrams >= BatchMax || (Datagrams >= BatchMin && Bytes >= BatchBytes);
    }
}

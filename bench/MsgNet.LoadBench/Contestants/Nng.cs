using System.Diagnostics;
using MsgNet.LoadBench.Contestants.Native;

namespace MsgNet.LoadBench.Contestants;

/// <summary>nng's PAIR over TCP, plain.</summary>
internal sealed unsafe class Nng : IContestant
{
    private const int PatienceMilliseconds = 100;

    // Its queues are counted in messages, too.
    private const int QueueBytes = 64 << 20;

    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(2);

    public string Name => "nng pair, tcp";

    public string? Missing { get; } = NativeLibraries.WhyMissing(NngLibrary.File, NngLibrary.Package);

    public bool IsForLinks => false;

    public bool CanDo(LoadWork work) => true;

    public Task<IListener> Listen(LoadWork work) => Task.FromResult<IListener>(new Listener(work));

    public Task<ICaller> Connect(LoadWork work, Target target) => Task.FromResult<ICaller>(new Caller(work, target));

    private static uint Open(int size)
    {
        uint socket;
        Check(NngLibrary.OpenPair(&socket));
        var queued = Math.Clamp(QueueBytes / size, 1, NngLibrary.QueueMax);
        Check(NngLibrary.SetNumber(socket, "send-buffer", queued));
        Check(NngLibrary.SetNumber(socket, "recv-buffer", queued));
        Check(NngLibrary.SetMilliseconds(socket, "send-timeout", PatienceMilliseconds));
        Check(NngLibrary.SetMilliseconds(socket, "recv-timeout", PatienceMilliseconds));
        return socket;
    }

    private static void Check(int result)
    {
        if (result != 0)
            throw new InvalidOperationException($"nng refuses with {result}.");
    }

    private static bool TryReceive(uint socket, byte* buffer, int size)
    {
        var length = (nuint)size;
        return NngLibrary.Receive(socket, buffer, &length, 0) == 0;
    }

    // Debian's nng 1 now and then waits without end in here, for a pipe that the other end closed at the same time. What belongs to it then
    // ends with the process.
    private static ValueTask Close(uint socket)
    {
        var closing = Task.Factory.StartNew(
            () => NngLibrary.Close(socket), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return new ValueTask(Task.WhenAny(closing, Task.Delay(ClosePatience)));
    }

    private static string Address(int port) => $"tcp://127.0.0.1:{port}";

    private sealed class Listener : IListener
    {
        private readonly uint socket;
        private readonly LoopThread thread;
        private readonly LoadWork work;
        private Count received;

        public Listener(LoadWork work)
        {
            this.work = work;
            socket = Open(work.Size);
            Target = new Target(FreePorts.Tcp(), "");
            Check(NngLibrary.Listen(socket, Address(Target.Port), null, 0));
            thread = new LoopThread("nng", Receive);
        }

        public Target Target { get; }

        public long Received => received.Value;

        public ValueTask DisposeAsync()
        {
            thread.Dispose();
            return Close(socket);
        }

        private void Receive(CancellationToken stop)
        {
            fixed (byte* buffer = new byte[work.Size])
            {
                while (!stop.IsCancellationRequested)
                {
                    if (!TryReceive(socket, buffer, work.Size))
                        continue;

                    received.Add(1);
                    if (work.Kind == LoadKind.RoundTrip)
                        _ = NngLibrary.Send(socket, buffer, (nuint)work.Size, 0);
                }
            }
        }
    }

    private sealed class Caller : ICaller
    {
        private readonly uint socket;
        private readonly LoadWork work;
        private Count sent;

        public Caller(LoadWork work, Target target)
        {
            this.work = work;
            socket = Open(work.Size);
            Check(NngLibrary.Dial(socket, Address(target.Port), null, 0));
        }

        public long Sent => sent.Value;

        public Task Send(CancellationToken stop)
        {
            fixed (byte* message = new byte[work.Size])
            {
                while (!stop.IsCancellationRequested)
                {
                    if (NngLibrary.Send(socket, message, (nuint)work.Size, 0) == 0)
                        sent.Add(1);
                }
            }

            return Task.CompletedTask;
        }

        public Task Ask(RoundTrips times, CancellationToken stop)
        {
            fixed (byte* message = new byte[work.Size], buffer = new byte[work.Size])
            {
                var start = Stopwatch.GetTimestamp();
                while (!stop.IsCancellationRequested)
                {
                    if (NngLibrary.Send(socket, message, (nuint)work.Size, 0) != 0)
                        continue;

                    sent.Add(1);
                    while (!TryReceive(socket, buffer, work.Size) && !stop.IsCancellationRequested)
                        continue;
                    start = times.AddSince(start);
                }
            }

            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            return Close(socket);
        }
    }
}

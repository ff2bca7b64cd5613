using System.Diagnostics;
using System.Text;
using MsgNet.LoadBench.Contestants.Native;

namespace MsgNet.LoadBench.Contestants;

/// <summary>ZeroMQ over TCP: PUSH to PULL, and PAIR for round trips; plain, or sealed and authenticated by CURVE.</summary>
internal sealed unsafe class Zero(bool isSecret) : IContestant
{
    private const int PatienceMilliseconds = 100;

    // Its queues are counted in messages: as many as hold this, so that they neither limit it nor fill the memory.
    private const int QueueBytes = 16 << 20;
    private const int QueueMessagesMax = 100_000;

    public string Name => isSecret ? "ZeroMQ, CURVE" : "ZeroMQ, tcp";

    public string? Missing { get; } = NativeLibraries.WhyMissing(ZeroLibrary.File, ZeroLibrary.Package);

    public bool IsForLinks => false;

    public bool CanDo(LoadWork work) => true;

    public Task<IListener> Listen(LoadWork work) => Task.FromResult<IListener>(new Listener(work, isSecret));

    public Task<ICaller> Connect(LoadWork work, Target target) => Task.FromResult<ICaller>(new Caller(work, target));

    private static void Check(int result)
    {
        if (result < 0)
            throw new InvalidOperationException("ZeroMQ refuses.");
    }

    private static (string Public, string Secret) MakeKeys()
    {
        var publicText = stackalloc byte[ZeroLibrary.KeyTextLength];
        var secretText = stackalloc byte[ZeroLibrary.KeyTextLength];
        Check(ZeroLibrary.MakeKeys(publicText, secretText));
        return (
            Encoding.ASCII.GetString(publicText, ZeroLibrary.KeyTextLength - 1),
            Encoding.ASCII.GetString(secretText, ZeroLibrary.KeyTextLength - 1));
    }

    private static string Address(int port) => $"tcp://127.0.0.1:{port}";

    /// <summary>A socket with its context; calls come on one thread at a time.</summary>
    private sealed class End : IDisposable
    {
        private readonly void* context = ZeroLibrary.NewContext();

        public End(ZeroLibrary.SocketKind kind, int size)
        {
            Socket = ZeroLibrary.OpenSocket(context, kind);
            var queued = Math.Clamp(QueueBytes / size, 1, QueueMessagesMax);
            Set(ZeroLibrary.SocketOption.SendQueueMax, queued);
            Set(ZeroLibrary.SocketOption.ReceiveQueueMax, queued);
            Set(ZeroLibrary.SocketOption.Linger, 0);
            Set(ZeroLibrary.SocketOption.SendTimeout, PatienceMilliseconds);
            Set(ZeroLibrary.SocketOption.ReceiveTimeout, PatienceMilliseconds);
        }

        public void* Socket { get; }

        public void Set(ZeroLibrary.SocketOption option, int value) => Check(ZeroLibrary.SetOption(Socket, option, &value, sizeof(int)));

        public void Set(ZeroLibrary.SocketOption option, string value)
        {
            fixed (byte* text = Encoding.ASCII.GetBytes(value + '\0'))
                Check(ZeroLibrary.SetOption(Socket, option, text, (nuint)value.Length + 1));
        }

        public void Dispose()
        {
            _ = ZeroLibrary.Close(Socket);
            _ = ZeroLibrary.EndContext(context);
        }
    }

    private sealed class Listener : IListener
    {
        private readonly End end;
        private readonly LoopThread thread;
        private readonly LoadWork work;
        private Count received;

        public Listener(LoadWork work, bool isSecret)
        {
            this.work = work;
            end = new End(work.Kind == LoadKind.OneWay ? ZeroLibrary.SocketKind.Pull : ZeroLibrary.SocketKind.Pair, work.Size);
            var publicKey = "";
            if (isSecret)
            {
                (publicKey, var secretKey) = MakeKeys();
                end.Set(ZeroLibrary.SocketOption.CurveServer, 1);
                end.Set(ZeroLibrary.SocketOption.CurveSecretKey, secretKey);
            }

            Target = new Target(FreePorts.Tcp(), publicKey);
            Check(ZeroLibrary.Bind(end.Socket, Address(Target.Port)));
            thread = new LoopThread("ZeroMQ", Receive);
        }

        public Target Target { get; }

        public long Received => received.Value;

        public ValueTask DisposeAsync()
        {
            thread.Dispose();
            end.Dispose();
            return ValueTask.CompletedTask;
        }

        private void Receive(CancellationToken stop)
        {
            fixed (byte* buffer = new byte[work.Size])
            {
                while (!stop.IsCancellationRequested)
                {
                    if (ZeroLibrary.Receive(end.Socket, buffer, (nuint)work.Size, 0) < 0)
                        continue;

                    received.Add(1);
                    if (work.Kind == LoadKind.RoundTrip)
                        _ = ZeroLibrary.Send(end.Socket, buffer, (nuint)work.Size, 0);
                }
            }
        }
    }

    private sealed class Caller : ICaller
    {
        private readonly End end;
        private readonly LoadWork work;
        private Count sent;

        public Caller(LoadWork work, Target target)
        {
            this.work = work;
            end = new End(work.Kind == LoadKind.OneWay ? ZeroLibrary.SocketKind.Push : ZeroLibrary.SocketKind.Pair, work.Size);
            if (target.Credential.Length > 0)
            {
                var (publicKey, secretKey) = MakeKeys();
                end.Set(ZeroLibrary.SocketOption.CurveServerKey, target.Credential);
                end.Set(ZeroLibrary.SocketOption.CurvePublicKey, publicKey);
                end.Set(ZeroLibrary.SocketOption.CurveSecretKey, secretKey);
            }

            Check(ZeroLibrary.Connect(end.Socket, Address(target.Port)));
        }

        public long Sent => sent.Value;

        public Task Send(CancellationToken stop)
        {
            fixed (byte* message = new byte[work.Size])
            {
                while (!stop.IsCancellationRequested)
                {
                    if (ZeroLibrary.Send(end.Socket, message, (nuint)work.Size, 0) >= 0)
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
                    if (ZeroLibrary.Send(end.Socket, message, (nuint)work.Size, 0) < 0)
                        continue;

                    sent.Add(1);
                    while (ZeroLibrary.Receive(end.Socket, buffer, (nuint)work.Size, 0) < 0 && !stop.IsCancellationRequested)
                        continue;
                    start = times.AddSince(start);
                }
            }

            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            end.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

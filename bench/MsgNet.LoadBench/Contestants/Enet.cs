using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using MsgNet.LoadBench.Contestants.Native;

namespace MsgNet.LoadBench.Contestants;

/// <summary>
/// ENet over UDP, plain: reliable and ordered, or unreliable and sequenced. It coalesces: packets are queued, and leave together when the
/// host is serviced.
/// </summary>
internal sealed unsafe class Enet(bool isReliable) : IContestant
{
    private const uint PatienceMilliseconds = 10;
    private const int ConnectMilliseconds = 5_000;

    // What is under way at once: more than ENet's window of 64 KiB, and short queues, which it walks.
    private const int PendingBytesMax = 256 * 1024;
    private const int PendingMessagesMax = 8_192;
    private const int PendingMessagesMin = 16;

    public string Name => isReliable ? "ENet, reliable ordered" : "ENet, unreliable";

    public string? Missing { get; } = NativeLibraries.WhyMissing(EnetLibrary.File, EnetLibrary.Package);

    public bool IsForLinks => isReliable;

    public bool CanDo(LoadWork work) => true;

    public Task<IListener> Listen(LoadWork work) => Task.FromResult<IListener>(new Listener(work, Flags));

    public Task<ICaller> Connect(LoadWork work, Target target) => Task.FromResult<ICaller>(new Caller(work, target, Flags));

    private uint Flags => isReliable ? EnetLibrary.Reliable : EnetLibrary.Unreliable;

    private static EnetLibrary.Address Loopback(int port) => new()
    {
        Host = BitConverter.ToUInt32(IPAddress.Loopback.GetAddressBytes()),
        Port = (ushort)port,
    };

    private static void* Open(EnetLibrary.Address* address)
    {
        if (EnetLibrary.Initialize() != 0)
            throw new InvalidOperationException("ENet does not start.");

        var host = EnetLibrary.CreateHost(address, peers: 1, channels: 1, incoming: 0, outgoing: 0);
        return host is not null ? host : throw new InvalidOperationException("ENet opens no host.");
    }

    private sealed class Listener : IListener
    {
        private readonly void* host;
        private readonly LoopThread thread;
        private readonly bool answers;
        private readonly uint flags;
        private Count received;

        public Listener(LoadWork work, uint flags)
        {
            this.flags = flags;
            answers = work.Kind == LoadKind.RoundTrip;
            Target = new Target(FreePorts.Udp(), "");
            var address = Loopback(Target.Port);
            host = Open(&address);
            thread = new LoopThread("ENet", Receive);
        }

        public Target Target { get; }

        public long Received => received.Value;

        public ValueTask DisposeAsync()
        {
            thread.Dispose();
            EnetLibrary.DestroyHost(host);
            return ValueTask.CompletedTask;
        }

        private void Receive(CancellationToken stop)
        {
            EnetLibrary.Event what;
            while (!stop.IsCancellationRequested)
            {
                var more = EnetLibrary.Service(host, &what, PatienceMilliseconds);
                for (; more > 0; more = EnetLibrary.CheckEvents(host, &what))
                    Take(what);
                if (answers)
                    EnetLibrary.Flush(host);
            }
        }

        private void Take(in EnetLibrary.Event what)
        {
            if (what.Kind != EnetLibrary.EventKind.Receive)
                return;

            received.Add(1);
            if (answers)
                Answer(what.Peer, what.Packet);
            EnetLibrary.DestroyPacket(what.Packet);
        }

        private void Answer(void* peer, EnetLibrary.Packet* question)
        {
            var packet = EnetLibrary.CreatePacket(question->Data, question->Length, flags);
            if (EnetLibrary.Send(peer, 0, packet) != 0)
                EnetLibrary.DestroyPacket(packet);
        }
    }

    private sealed class Caller : ICaller
    {
        // Of so many packets one tells when the library is done with it: they end in order.
        private const int Stride = 16;

        private readonly byte[] message;
        private readonly uint flags;
        private readonly long* strides = (long*)NativeMemory.AllocZeroed(sizeof(long));
        private readonly long pendingMax;
        private readonly void* host = Open(null);
        private readonly void* peer;
        private Count sent;

        public Caller(LoadWork work, Target target, uint flags)
        {
            this.flags = flags;
            message = GC.AllocateArray<byte>(work.Size, pinned: true);
            pendingMax = Math.Clamp(PendingBytesMax / work.Size, PendingMessagesMin, PendingMessagesMax);
            var address = Loopback(target.Port);
            peer = EnetLibrary.Connect(host, &address, channels: 1, data: 0);
            Await(EnetLibrary.EventKind.Connect, ConnectMilliseconds);
            EnetLibrary.ConfigureThrottle(peer, 1_000, EnetLibrary.ThrottleScale, 0);
        }

        public long Sent => sent.Value;

        public Task Send(CancellationToken stop)
        {
            while (!stop.IsCancellationRequested)
            {
                while (sent.Value - (*strides * Stride) < pendingMax)
                    SendOne(counts: (sent.Value & (Stride - 1)) == Stride - 1);
                Service(sent.Value - (*strides * Stride) < pendingMax ? 0 : 1u);
            }

            return Task.CompletedTask;
        }

        public Task Ask(RoundTrips times, CancellationToken stop)
        {
            var start = Stopwatch.GetTimestamp();
            while (!stop.IsCancellationRequested)
            {
                SendOne(counts: false);
                Await(EnetLibrary.EventKind.Receive, ConnectMilliseconds);
                start = times.AddSince(start);
            }

            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            EnetLibrary.Disconnect(peer, 0);
            EnetLibrary.DestroyHost(host);
            NativeMemory.Free(strides);
            return ValueTask.CompletedTask;
        }

        private void SendOne(bool counts)
        {
            EnetLibrary.Packet* packet;
            fixed (byte* bytes = message)
                packet = EnetLibrary.CreatePacket(bytes, (nuint)message.Length, flags);
            if (counts)
            {
                packet->OnFree = &EnetLibrary.CountFreed;
                packet->UserData = strides;
            }

            if (EnetLibrary.Send(peer, 0, packet) != 0)
                throw new InvalidOperationException("ENet takes no packet: its peer is gone.");
            sent.Add(1);
        }

        private void Service(uint milliseconds)
        {
            EnetLibrary.Event what;
            for (var more = EnetLibrary.Service(host, &what, milliseconds); more > 0; more = EnetLibrary.CheckEvents(host, &what))
            {
                if (what.Kind == EnetLibrary.EventKind.Disconnect)
                    throw new InvalidOperationException("ENet lost its peer.");
            }
        }

        private void Await(EnetLibrary.EventKind kind, int milliseconds)
        {
            EnetLibrary.Event what;
            for (var end = Environment.TickCount64 + milliseconds; Environment.TickCount64 < end;)
            {
                if (EnetLibrary.Service(host, &what, PatienceMilliseconds) <= 0)
                    continue;
                if (what.Kind == EnetLibrary.EventKind.Receive)
                    EnetLibrary.DestroyPacket(what.Packet);
                if (what.Kind == kind)
                    return;
            }

            throw new TimeoutException($"ENet: no {kind} within {milliseconds} ms.");
        }
    }
}

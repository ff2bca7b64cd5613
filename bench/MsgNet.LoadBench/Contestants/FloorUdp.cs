using System.Net;
using System.Net.Sockets;
using MsgNet.Bench;

namespace MsgNet.LoadBench.Contestants;

/// <summary>
/// The floor: <c>sendto</c> and <c>recvfrom</c>, called as a program in C would. It blocks; or it spins, which says what the pauses of the
/// machine make of round trips of which nobody sleeps. Linux.
/// </summary>
internal sealed unsafe class FloorUdp(bool spins) : IContestant
{
    private const int AddressLength = 16;
    private const int DontWait = 0x40; // MSG_DONTWAIT
    private const int LooksMax = 100_000; // until it is told to stop

    public string Name => spins ? "spinning UDP, C calls" : "blocking UDP, C calls";

    public string? Missing => OperatingSystem.IsLinux() ? null : "these are Linux's calls";

    public bool IsForLinks => false;

    public bool CanDo(LoadWork work) =>
        work.Size is >= sizeof(long) and <= UdpListener.DatagramMax && (work.Kind == LoadKind.RoundTrip || !spins);

    public Task<IListener> Listen(LoadWork work) => Task.FromResult<IListener>(new UdpListener(Name, work, Receive));

    public Task<ICaller> Connect(LoadWork work, Target target) => Task.FromResult<ICaller>(new Caller(work, target, spins));

    private void Receive(Socket socket, ref Count received, bool answers, CancellationToken stop)
    {
        var descriptor = (int)socket.Handle;
        var from = stackalloc byte[AddressLength];
        fixed (byte* buffer = new byte[UdpListener.DatagramMax])
        {
            while (!stop.IsCancellationRequested)
            {
                uint fromLength = AddressLength;
                var length = Take(spins, descriptor, buffer, from, &fromLength);
                if (length < 0)
                    continue;

                received.Add(1);
                if (answers)
                    SystemCalls.SendTo(descriptor, buffer, (nuint)length, 0, from, fromLength);
            }
        }
    }

    private static nint Take(bool spins, int descriptor, byte* buffer, byte* from, uint* fromLength)
    {
        nint length = -1;
        for (var looks = spins ? LooksMax : 1; length < 0 && looks > 0; looks--)
            length = SystemCalls.ReceiveFrom(descriptor, buffer, UdpListener.DatagramMax, spins ? DontWait : 0, from, fromLength);
        return length;
    }

    private sealed class Caller(LoadWork work, Target target, bool spins) : ICaller
    {
        private readonly Socket socket = UdpListener.Open();
        private readonly byte[] to = new IPEndPoint(IPAddress.Loopback, target.Port).Serialize().Buffer[..AddressLength].ToArray();
        private Count sent;

        public long Sent => sent.Value;

        public Task Send(CancellationToken stop)
        {
            var descriptor = (int)socket.Handle;
            fixed (byte* address = to, message = new byte[work.Size])
            {
                while (!stop.IsCancellationRequested)
                {
                    SystemCalls.SendTo(descriptor, message, (nuint)work.Size, 0, address, AddressLength);
                    sent.Add(1);
                }
            }

            return Task.CompletedTask;
        }

        public Task Ask(RoundTrips times, CancellationToken stop)
        {
            var descriptor = (int)socket.Handle;
            fixed (byte* address = to, message = new byte[work.Size], buffer = new byte[UdpListener.DatagramMax])
            {
                var start = System.Diagnostics.Stopwatch.GetTimestamp();
                while (!stop.IsCancellationRequested)
                {
                    *(long*)message = sent.Value;
                    SystemCalls.SendTo(descriptor, message, (nuint)work.Size, 0, address, AddressLength);
                    sent.Add(1);
                    if (TryReceive(descriptor, buffer, *(long*)message))
                        start = times.AddSince(start);
                }
            }

            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            return ValueTask.CompletedTask;
        }

        // An answer that comes too late is not the next one's.
        private bool TryReceive(int descriptor, byte* buffer, long number)
        {
            while (Take(spins, descriptor, buffer, null, null) >= sizeof(long))
            {
                if (*(long*)buffer == number)
                    return true;
            }

            return false;
        }
    }
}

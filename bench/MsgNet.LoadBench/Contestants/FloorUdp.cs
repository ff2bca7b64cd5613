using System.Net;
using System.Net.Sockets;
using MsgNet.Bench;

namespace MsgNet.LoadBench.Contestants;

/// <summary>The floor: blocking <c>sendto</c> and <c>recvfrom</c>, called as a program in C would. Linux.</summary>
internal sealed unsafe class FloorUdp : IContestant
{
    private const int AddressLength = 16;

    public string Name => "blocking UDP, C calls";

    public string? Missing => OperatingSystem.IsLinux() ? null : "these are Linux's calls";

    public bool IsForLinks => false;

    public bool CanDo(LoadWork work) => work.Size is >= sizeof(long) and <= UdpListener.DatagramMax;

    public Task<IListener> Listen(LoadWork work) => Task.FromResult<IListener>(new UdpListener("blocking UDP", work, Receive));

    public Task<ICaller> Connect(LoadWork work, Target target) => Task.FromResult<ICaller>(new Caller(work, target));

    private static void Receive(Socket socket, ref Count received, bool answers, CancellationToken stop)
    {
        var descriptor = (int)socket.Handle;
        var from = stackalloc byte[AddressLength];
        fixed (byte* buffer = new byte[UdpListener.DatagramMax])
        {
            while (!stop.IsCancellationRequested)
            {
                uint fromLength = AddressLength;
                var length = SystemCalls.ReceiveFrom(descriptor, buffer, UdpListener.DatagramMax, 0, from, &fromLength);
                if (length < 0)
                    continue;

                received.Add(1);
                if (answers)
                    SystemCalls.SendTo(descriptor, buffer, (nuint)length, 0, from, fromLength);
            }
        }
    }

    private sealed class Caller(LoadWork work, Target target) : ICaller
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
        private static bool TryReceive(int descriptor, byte* buffer, long number)
        {
            while (SystemCalls.ReceiveFrom(descriptor, buffer, UdpListener.DatagramMax, 0, null, null) >= sizeof(long))
            {
                if (*(long*)buffer == number)
                    return true;
            }

            return false;
        }
    }
}

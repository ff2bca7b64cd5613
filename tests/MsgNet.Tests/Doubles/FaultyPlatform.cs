using System.Net;
using System.Net.Sockets;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Tests;

/// <summary>The operating system, but it sends nothing, and each port meets an error before it receives.</summary>
internal sealed class FaultyPlatform : WrappedPlatform
{
    public override IDatagramPort OpenPort(IPAddress address, int port, int localPort, DatagramPortSettings settings) => UdpPort.Open(
        address,
        port,
        localPort,
        (socket, number) => new FaultyIo(new PortableDatagramIo(socket, number, Limits.DatagramReceiveMax)),
        settings,
        TimeProvider.System);

    private sealed class FaultyIo(IDatagramIo inner) : IDatagramIo
    {
        private bool hasFailed;

        public bool MayHoldMore => inner.MayHoldMore;

        public int Send(in NetAddress to, ReadOnlySpan<byte> datagrams, int segmentSize) =>
            new DatagramRun(datagrams.Length, segmentSize).Count;

        public ReadOnlySpan<ReceivedRun> Receive(bool wait, out SocketError error)
        {
            if (hasFailed)
                return inner.Receive(wait, out error);

            hasFailed = true;
            error = SocketError.ConnectionRefused;
            return [];
        }

        public void Dispose() => inner.Dispose();
    }
}

using MsgNet.Core;

namespace MsgNet.Platform;

/// <summary>For those who have one datagram, or one run of them.</summary>
internal static class DatagramPortExtensions
{
    /// <summary>Sends a run of one datagram.</summary>
    public static void Send(this IDatagramPort port, in NetAddress to, ReadOnlySpan<byte> datagram) =>
        port.Send(to, datagram, datagram.Length);

    /// <summary>Hands over one run.</summary>
    public static unsafe void OnDatagrams(this IDatagramReceiver receiver, in NetAddress from, Span<byte> datagrams, int segmentSize)
    {
        fixed (byte* start = datagrams)
            receiver.OnDatagrams([new ReceivedRun(from, start, datagrams.Length, segmentSize)]);
    }
}

using MsgNet.Core;

namespace MsgNet.Platform;

/// <summary>For those who have one datagram to send.</summary>
internal static class DatagramPortExtensions
{
    /// <summary>Sends a run of one datagram.</summary>
    public static void Send(this IDatagramPort port, in NetAddress to, ReadOnlySpan<byte> datagram) =>
        port.Send(to, datagram, datagram.Length);
}

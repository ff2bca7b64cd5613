using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MsgNet.Flood;

/// <summary>The process that floods: one thread, as many packets a second as it was told, from addresses all over 127.0.0.0/8.</summary>
internal static class Attacker
{
    public const string Role = "attack";

    private const int PacketCount = 4096;
    private static readonly TimeSpan CatchUpMax = TimeSpan.FromMilliseconds(20);

    /// <summary>Floods, and prints the packets sent and the seconds it took.</summary>
    public static void Run(AttackKind kind, int rate, TimeSpan time, Multiaddress target)
    {
        if (!target.TryGetPeerId(out var peer) || !target.TryGetUdpEndPoint(out var address, out var port))
            throw new ArgumentException("The target is an address such as /ip4/127.0.0.1/udp/4001/p2p/…", nameof(target));

        var at = new IPEndPoint(address, port);
        var liveIndex = kind == AttackKind.ForgedData ? LiveSession.FindIndex(peer, at) : 0;
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 0 };
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        using var batches = new SendBatches(socket, at, Packets.Make(kind, PacketCount, peer, liveIndex));
        Console.WriteLine("ready");
        Console.ReadLine();

        var start = Stopwatch.GetTimestamp();
        var (sent, forgiven) = (0L, 0L);
        while (Stopwatch.GetElapsedTime(start) is var elapsed && elapsed < time)
        {
            var due = (long)(elapsed.TotalSeconds * rate) - forgiven;
            if (sent >= due)
            {
                Thread.Sleep(1);
                continue;
            }

            // A machine that was busy elsewhere does not make up for it with one burst.
            var excess = due - sent - (long)(CatchUpMax.TotalSeconds * rate);
            forgiven += Math.Max(0, excess);
            sent += batches.SendNext();
        }

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sent} {seconds}"));
    }
}

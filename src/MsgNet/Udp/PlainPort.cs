using System.Net;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// Unsealed datagrams for <c>…/udp/N/plain</c>, for tests and measurements at socket level: one message a datagram, from and to whoever is
/// there. The network layer refuses such addresses (API-085).
/// </summary>
internal sealed class PlainPort(TransportContext context, DatagramInbox inbox) : IDatagramReceiver, IDisposable
{
    /// <summary>Largest UDP payload over IPv4.</summary>
    public const int DatagramSizeMax = 65_507;

    private readonly List<IDatagramPort> ports = [];

    public IEnumerable<Multiaddress> Addresses => ports.Select(port => UdpAddress.From(port.Local).Encapsulate("/plain"));

    public IDatagramPort Bind(IPAddress address, int port)
    {
        var opened = context.Platform.OpenPort(address, port, ports.Count, context.Udp.PortSettings);
        ports.Add(opened);
        opened.Start(this);
        return opened;
    }

    public void Send(Multiaddress to, ReadOnlySpan<byte> data)
    {
        if (!to.TryGetUdpEndPoint(out var ip, out var number))
            throw new ArgumentException($"{to} holds a name: plain sockets take addresses only.", nameof(to));

        var port = ports.Find(bound => bound.Local.ToIPAddress().AddressFamily == ip.AddressFamily)
            ?? Bind(ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        port.Send(NetAddress.From(ip, number, port.Local.LocalPort), data);
    }

    public void OnDatagrams(ReadOnlySpan<ReceivedRun> runs)
    {
        using (context.Gate.Enter())
        {
            foreach (ref readonly var run in runs)
                Add(run);
        }
    }

    public void Dispose()
    {
        foreach (var port in ports)
            port.Dispose();
    }

    private void Add(in ReceivedRun run)
    {
        var address = UdpAddress.From(run.From).Encapsulate("/plain");
        var datagrams = new DatagramRun(run.Datagrams.Length, run.SegmentSize);
        while (datagrams.TryNext(out var datagram))
            inbox.Add(address, run.Datagrams[datagram]);
    }
}

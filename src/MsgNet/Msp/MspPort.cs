using System.Buffers.Binary;
using System.Net.Sockets;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>A UDP port of <see cref="MspDatagrams"/>, counted by the connections and listeners that use it.</summary>
internal sealed class MspPort : IDatagramReceiver, IDisposable
{
    // As long as a peer repeats what nobody acknowledged, in either profile.
    private static readonly TimeSpan LingerMax = TimeSpan.FromSeconds(10);
    private readonly MspDatagrams carrier;
    private readonly IDatagramPort port;
    private int users;
    private Instant lingersUntil = Instant.Zero;

    public MspPort(MspDatagrams carrier, IDatagramPort port, bool isChosen)
    {
        this.carrier = carrier;
        this.port = port;
        IsChosen = isChosen;
        var local = port.Local;
        Slot = local.LocalPort;
        Local = Multiaddress.FromUdpEndPoint(local.ToIPAddress(), local.Port);
        Address = AddressOf(local, (uint)Slot + 1);
        port.Start(this);
    }

    /// <summary>Its place in the carrier's list.</summary>
    public int Slot { get; }

    /// <summary>Its address.</summary>
    public Multiaddress Local { get; }

    /// <summary>The address its connections have in the machine; unlike those of other ports with that number.</summary>
    public MspAddress Address { get; }

    /// <summary>Somebody asked for it: connections that do not care take another.</summary>
    public bool IsChosen { get; }

    /// <summary>There is a listener.</summary>
    public bool IsListening { get; set; }

    public AddressFamily Family => port.Local.IsIPv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;

    /// <summary>No connection and no listener uses it.</summary>
    public bool IsIdle => users == 0;

    /// <summary>When it is to be closed; never while it is used.</summary>
    public Instant ClosesAt => users > 0 ? Instant.Never : lingersUntil;

    /// <summary>A remote address as the machine knows it: the scope of a link-local one stands before the IP address.</summary>
    public static MspAddress AddressOf(in NetAddress remote) => AddressOf(remote, remote.ScopeId);

    /// <summary>The port a machine's own address belongs to.</summary>
    public static int SlotOf(in MspAddress local)
    {
        Span<byte> id = stackalloc byte[MspAddress.IdLength];
        local.WriteId(id);
        return (int)BinaryPrimitives.ReadUInt32BigEndian(id) - 1;
    }

    /// <summary>Reverses <see cref="AddressOf(in NetAddress)"/>.</summary>
    public static NetAddress RemoteOf(in MspAddress remote, int slot)
    {
        Span<byte> id = stackalloc byte[MspAddress.IdLength];
        remote.WriteId(id);
        return NetAddress.FromWire(id[16..], (ushort)remote.Port, slot) with { ScopeId = BinaryPrimitives.ReadUInt32BigEndian(id) };
    }

    /// <summary>Another connection or listener uses it.</summary>
    public void Add() => users++;

    /// <summary>One uses it no more.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="lingers">Its peer may not know yet that all is well.</param>
    public void Remove(Instant now, bool lingers)
    {
        users--;
        if (lingers)
            lingersUntil = now + LingerMax;
    }

    public void Send(in NetAddress to, ReadOnlySpan<byte> packet) => port.Send(to, packet);

    /// <inheritdoc/>
    public void OnDatagrams(ReadOnlySpan<ReceivedRun> runs)
    {
        var received = new ReceivedDatagrams(runs);
        while (received.TryNext(out var datagram))
            carrier.OnDatagram(this, received.From, datagram);
    }

    /// <inheritdoc/>
    public void OnBatchEnd() => carrier.OnBatchEnd();

    /// <inheritdoc/>
    public void Dispose() => port.Dispose();

    private static MspAddress AddressOf(in NetAddress address, uint prefix)
    {
        Span<byte> id = stackalloc byte[MspAddress.IdLength];
        id.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(id, prefix);
        BinaryPrimitives.WriteUInt64BigEndian(id[16..], address.High);
        BinaryPrimitives.WriteUInt64BigEndian(id[24..], address.Low);
        return new MspAddress(id, address.Port);
    }
}

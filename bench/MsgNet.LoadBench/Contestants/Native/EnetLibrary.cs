using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MsgNet.LoadBench.Contestants.Native;

/// <summary>The part of ENet 1.3 that is used, 64 bits.</summary>
internal static unsafe partial class EnetLibrary
{
    public const string File = "libenet.so.7";
    public const string Package = "libenet7";

    /// <summary><c>ENET_PACKET_FLAG_RELIABLE</c>.</summary>
    public const uint Reliable = 1;

    /// <summary><c>ENET_PACKET_FLAG_UNRELIABLE_FRAGMENT</c>: sequenced, may be lost, in fragments too.</summary>
    public const uint Unreliable = 8;

    /// <summary><c>ENET_PEER_PACKET_THROTTLE_SCALE</c>: no unreliable packet is dropped before it is sent.</summary>
    public const uint ThrottleScale = 32;

    [LibraryImport(File, EntryPoint = "enet_initialize")]
    public static partial int Initialize();

    [LibraryImport(File, EntryPoint = "enet_host_create")]
    public static partial void* CreateHost(Address* address, nuint peers, nuint channels, uint incoming, uint outgoing);

    [LibraryImport(File, EntryPoint = "enet_host_destroy")]
    public static partial void DestroyHost(void* host);

    [LibraryImport(File, EntryPoint = "enet_host_connect")]
    public static partial void* Connect(void* host, Address* address, nuint channels, uint data);

    /// <summary>
    /// Sends what waits, receives what came, waits up to a time for more; above 0 when it filled <paramref name="what"/>.
    /// </summary>
    [LibraryImport(File, EntryPoint = "enet_host_service")]
    public static partial int Service(void* host, Event* what, uint milliseconds);

    /// <summary>The next thing that was received already; above 0 when there was one.</summary>
    [LibraryImport(File, EntryPoint = "enet_host_check_events")]
    [SuppressGCTransition]
    public static partial int CheckEvents(void* host, Event* what);

    [LibraryImport(File, EntryPoint = "enet_host_flush")]
    public static partial void Flush(void* host);

    [LibraryImport(File, EntryPoint = "enet_peer_send")]
    [SuppressGCTransition]
    public static partial int Send(void* peer, byte channel, Packet* packet);

    [LibraryImport(File, EntryPoint = "enet_peer_throttle_configure")]
    public static partial void ConfigureThrottle(void* peer, uint milliseconds, uint acceleration, uint deceleration);

    [LibraryImport(File, EntryPoint = "enet_peer_disconnect_now")]
    public static partial void Disconnect(void* peer, uint data);

    [LibraryImport(File, EntryPoint = "enet_packet_create")]
    [SuppressGCTransition]
    public static partial Packet* CreatePacket(void* data, nuint length, uint flags);

    [LibraryImport(File, EntryPoint = "enet_packet_destroy")]
    [SuppressGCTransition]
    public static partial void DestroyPacket(Packet* packet);

    /// <summary>What happened.</summary>
    public enum EventKind
    {
        None,
        Connect,
        Disconnect,
        Receive,
    }

    /// <summary><c>ENetAddress</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Address
    {
        public uint Host; // in network order
        public ushort Port;
    }

    /// <summary><c>ENetEvent</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Event
    {
        public EventKind Kind;
        public void* Peer;
        public byte Channel;
        public uint Data;
        public Packet* Packet;
    }

    /// <summary><c>ENetPacket</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Packet
    {
        public nuint References;
        public uint Flags;
        public byte* Data;
        public nuint Length;
        public delegate* unmanaged[Cdecl]<Packet*, void> OnFree;
        public void* UserData;
    }

    /// <summary>Counts, where <see cref="Packet.UserData"/> says, packets that the library is done with.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void CountFreed(Packet* packet) => ++*(long*)packet->UserData;
}

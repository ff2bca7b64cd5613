using System.Net;
using MsgNet.Core;
using MsgNet.Sodium;
using MsgNet.Testing;

namespace MsgNet.Tests.Udp;

/// <summary>What a listener keeps of those who came, said something and are silent.</summary>
[Collection(nameof(WholeProcess))]
public sealed class IdleSessionTests : IDisposable
{
    private const int Sessions = 1_800;
    private const long BytesMax = 4_096;

    private static readonly ProtocolId Chat = new("/chat");
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    private readonly byte[] wire = new byte[Limits.DatagramSizeMax];
    private readonly End listener = new(0);
    private Instant now = Instant.FromMicroseconds(1_000_000);

    [Fact]
    public void An_idle_session_takes_at_most_4_KiB()
    {
        Meet(1, 50); // what the process needs once
        var before = GC.GetTotalMemory(forceFullCollection: true);
        Meet(51, Sessions);
        now += TimeSpan.FromSeconds(5);
        listener.OnTimer(now);
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Sessions;
        Assert.Equal(50 + Sessions, listener.Machine.PeerCount);
        Assert.Equal(50 + Sessions, listener.Received);
        Assert.InRange(each, 1, BytesMax);
    }

    public void Dispose() => listener.Dispose();

    private void Meet(int first, int count)
    {
        for (var number = first; number < first + count; number++)
        {
            using var caller = new End(number);
            Assert.True(caller.Machine.TryGetPeer(now, listener.Id, out var peer));
            caller.Machine.Dial(now, peer, [listener.Address], TimeSpan.FromSeconds(10));
            caller.Machine.TrySend(now, peer, Chat, "hello"u8, allowEarly: false);
            for (var turn = 0; turn < 6; turn++)
            {
                now += Step;
                caller.OnTimer(now);
                listener.OnTimer(now);
                Carry(caller, listener);
                Carry(listener, caller);
            }
        }
    }

    private void Carry(End from, End to)
    {
        var writer = new DatagramWriter(wire);
        while (from.Machine.WriteDatagram(now, ref writer))
            to.OnDatagram(now, from.Address, wire.AsSpan(0, writer.Length));
    }

    private sealed class End : IDisposable
    {
        private readonly Identity identity = Identity.Generate();
        private readonly SodiumChannelCrypto crypto;
        private readonly NodeEvents events = new();

        public End(int number)
        {
            Address = NetAddress.From(new IPAddress([10, 0, (byte)(number >> 8), (byte)number]), 4001, 0);
            crypto = new SodiumChannelCrypto(identity, SystemRandom.Instance);
            var protocols = new ProtocolRegistry();
            protocols.Register(Chat);
            Machine = new UdpNode(crypto, new SeededRandom((ulong)number), protocols, new UdpNodeSettings
            {
                UnixMicrosecondsAtZero = 0, StartedAt = Instant.Zero, IdentityIsFresh = true,
            });
        }

        public PeerId Id => identity.Id;

        public NetAddress Address { get; }

        public UdpNode Machine { get; }

        public int Received { get; private set; }

        public void OnDatagram(Instant now, in NetAddress from, Span<byte> datagram)
        {
            Machine.OnDatagram(now, from, datagram, events);
            Count();
        }

        public void OnTimer(Instant now)
        {
            Machine.OnTimer(now, events);
            Count();
        }

        public void Dispose()
        {
            Machine.Dispose();
            crypto.Dispose();
            identity.Dispose();
        }

        private void Count()
        {
            foreach (ref readonly var happened in events.All)
                Received += happened.MessageCount;
            events.Clear();
        }
    }
}

using System.Buffers.Binary;
using System.Net;
using MsgNet.Core;

namespace MsgNet.Simulation.Tests.Attack;

/// <summary>
/// Datagrams of one <see cref="FloodKind"/> at any rate, to one host or from its address to its peers. It has seen everything that crossed
/// the network before, and can receive at all of its own addresses in 172.16.0.0/12.
/// </summary>
internal sealed class Flood : IDatagramObserver
{
    private const int KeptMax = 64;
    private readonly Simulation simulation;
    private readonly SimulatedHost target;
    private readonly NetAddress address;
    private readonly SeededRandom random;
    private readonly HelloMac targetMac;
    private readonly byte[] buffer = new byte[1_500];
    private readonly Dictionary<ChannelMessageType, List<Seen>> seen = [];
    private readonly Dictionary<NetAddress, Intruder> intruders = [];
    private readonly Queue<(NetAddress From, byte[] Datagram)> answers = new();
    private uint number;

    public Flood(Simulation simulation, SimulatedHost target, FloodKind kind)
    {
        this.simulation = simulation;
        this.target = target;
        Kind = kind;
        address = NetAddress.From(target.LocalAddresses[0], 4001, 0);
        random = new SeededRandom(simulation.Seed, (ulong)kind + 100);
        targetMac = new HelloMac(target.Crypto, target.Crypto.PublicKey);
    }

    public FloodKind Kind { get; }

    /// <summary>Datagrams sent.</summary>
    public long Sent { get; private set; }

    /// <summary>Datagrams of each type that the target sent to addresses of the flood.</summary>
    public Dictionary<ChannelMessageType, long> Answered { get; } = [];

    /// <summary>Sends so many a second for so long; in steps of a millisecond.</summary>
    public async Task Run(int perSecond, TimeSpan time)
    {
        var start = simulation.Now;
        var first = Sent;
        while (simulation.Now - start < time)
        {
            await simulation.Delay(TimeSpan.FromMilliseconds(1));
            var due = (long)((simulation.Now - start).TotalSeconds * perSecond);
            while (Sent - first < due)
                SendOne();
        }
    }

    /// <summary>Makes one datagram and sends it.</summary>
    public void SendOne()
    {
        Sent++;
        if (answers.TryDequeue(out var answer))
        {
            simulation.Network.Inject(answer.From, address, answer.Datagram);
            return;
        }

        var datagram = Make(out var from, out var to);
        simulation.Network.Inject(from, to, datagram);
    }

    /// <summary>Makes one datagram.</summary>
    /// <param name="from">Where it claims to come from.</param>
    /// <param name="to">Where it goes.</param>
    /// <returns>Valid until the next call.</returns>
    public ReadOnlySpan<byte> Make(out NetAddress from, out NetAddress to)
    {
        number++;
        from = Somewhere(number);
        to = address;
        switch (Kind)
        {
            case FloodKind.Junk:
                return Fill(random.NextInt32(0, buffer.Length));
            case FloodKind.TypedJunk:
                return Typed((ChannelMessageType)random.NextInt32(4, 12), random.NextInt32(4, 1_400));
            case FloodKind.BadMac:
                return Typed(ChannelMessageType.Hello, HelloMessage.Overhead + random.NextInt32(0, 1_000));
            case FloodKind.GarbageHello:
                Typed(ChannelMessageType.Hello, HelloMessage.Overhead);
                buffer.AsSpan(HelloMessage.Mac2Offset, 16).Clear();
                targetMac.Write(buffer);
                return buffer.AsSpan(0, HelloMessage.Overhead);
            case FloodKind.HelloFromOneAddress:
                from = Somewhere(1) with { Port = (ushort)number };
                return Hello(from);
            case FloodKind.HelloFromMany:
            case FloodKind.HelloWithCookie:
                return Hello(from);
            case FloodKind.UnknownIndex:
                return Typed(ChannelMessageType.Data, Limits.SealOverhead + random.NextInt32(0, 1_000));
            case FloodKind.Who:
                Typed(ChannelMessageType.Who, 64);
                buffer.AsSpan(20, 44).Clear();
                return buffer.AsSpan(0, 64);
            default:
                return Again(out from, out to);
        }
    }

    public void OnSent(in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram)
    {
        var type = ChannelHeader.Read(datagram);
        Keep(type, from, to, datagram);
        if (!IsOurs(to))
            return;

        Answered[type] = Answered.GetValueOrDefault(type) + 1;
        if (Kind == FloodKind.HelloWithCookie && intruders.TryGetValue(to with { LocalPort = 0 }, out var intruder))
            Answer(intruder, to with { LocalPort = 0 }, type, datagram);
    }

    public void OnArrival(in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram)
    {
    }

    private ReadOnlySpan<byte> Fill(int length)
    {
        random.Fill(buffer.AsSpan(0, length));
        return buffer.AsSpan(0, length);
    }

    private ReadOnlySpan<byte> Typed(ChannelMessageType type, int length)
    {
        Fill(length);
        ChannelHeader.Write(buffer, type);
        return buffer.AsSpan(0, length);
    }

    private byte[] Hello(in NetAddress from)
    {
        var intruder = new Intruder(random, target.Crypto.PublicKey);
        if (Kind == FloodKind.HelloWithCookie)
            intruders[from] = intruder;
        return intruder.Hello(Timestamp, [], default);
    }

    private ulong Timestamp =>
        (ulong)(SimulationClock.UnixMicrosecondsAtStart + (simulation.Now.Ticks / TimeSpan.TicksPerMicrosecond));

    private void Answer(Intruder intruder, in NetAddress at, ChannelMessageType type, ReadOnlySpan<byte> datagram)
    {
        if (type == ChannelMessageType.Retry && intruder.Cookie(datagram) is { } cookie)
            answers.Enqueue((at, intruder.Hello(Timestamp, [], cookie)));
        else if (type == ChannelMessageType.Ack && intruder.TryAccept(datagram))
            answers.Enqueue((at, intruder.Data([])));
    }

    // What was seen, or is made from it, from the address it came from then.
    private ReadOnlySpan<byte> Again(out NetAddress from, out NetAddress to)
    {
        var wanted = Kind switch
        {
            FloodKind.ForgedRetry => ChannelMessageType.Hello,
            FloodKind.ReplayedAck => ChannelMessageType.Ack,
            _ => ChannelMessageType.Data,
        };
        var kept = seen[wanted];
        var one = kept[random.NextInt32(0, kept.Count)];
        (from, to) = Kind is FloodKind.ForgedHint or FloodKind.ForgedRetry ? (one.To, one.From) : (one.From, one.To);
        switch (Kind)
        {
            case FloodKind.ForgedHint:
                Typed(ChannelMessageType.Hint, 16);
                one.Datagram.AsSpan(4, 12).CopyTo(buffer.AsSpan(4));
                return buffer.AsSpan(0, 16);
            case FloodKind.ForgedRetry:
                Typed(ChannelMessageType.Retry, RetryMessage.Length);
                one.Datagram.AsSpan(4, 4).CopyTo(buffer.AsSpan(4));
                return buffer.AsSpan(0, RetryMessage.Length);
            case FloodKind.ReplayedAck:
                return one.Datagram;
            default:
                var length = random.NextInt32(Limits.SealOverhead, 1_200);
                Typed(ChannelMessageType.Data, length);
                one.Datagram.AsSpan(4, 4).CopyTo(buffer.AsSpan(4));
                BinaryPrimitives.WriteUInt64LittleEndian(buffer.AsSpan(8), one.Counter + (ulong)random.NextInt32(1, 5_000));
                return buffer.AsSpan(0, length);
        }
    }

    private void Keep(ChannelMessageType type, in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram)
    {
        if (!seen.TryGetValue(type, out var kept))
            seen[type] = kept = [];
        if (kept.Count == KeptMax)
            kept.RemoveAt(0);
        kept.Add(new Seen(from, to, datagram.ToArray()));
    }

    private static NetAddress Somewhere(uint number) =>
        NetAddress.From(new IPAddress([172, (byte)(16 + (number >> 16)), (byte)(number >> 8), (byte)number]), 9_000, 0);

    private static bool IsOurs(in NetAddress address) => address.IsIPv4 && (byte)(address.Low >> 24) == 172;

    private sealed record Seen(NetAddress From, NetAddress To, byte[] Datagram)
    {
        public ulong Counter => BinaryPrimitives.ReadUInt64LittleEndian(Datagram.AsSpan(8));
    }
}

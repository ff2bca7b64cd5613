using System.Buffers.Binary;
using MsgNet.Core;
using MsgNet.Platform;
using MsgNet.Sodium;

namespace MsgNet.Flood;

/// <summary>The datagrams of a flood, made before it begins and sent again and again: none of them is ever accepted.</summary>
internal static class Packets
{
    private const int HelloLength = 200;
    private const int DataLength = 116;
    private const int WhoLength = 64;
    private const ulong FirstForgedCounter = 1_000_000;
    private static readonly int[] JunkLengths = [1, 3, 4, 20, 31, 32, 64, 152, 153, 500, 1200, 1452];

    /// <summary>Makes <paramref name="count"/> different ones.</summary>
    public static byte[][] Make(AttackKind kind, int count, PeerId target, uint liveIndex)
    {
        using var identity = Identity.Generate();
        using var crypto = new SodiumChannelCrypto(identity, SystemRandom.Instance);
        Span<byte> key = stackalloc byte[32];
        if (!target.TryGetEd25519(key))
            throw new ArgumentException("The target has no Ed25519 key.", nameof(target));

        var mac = new HelloMac(crypto, key);
        var packets = new byte[count][];
        for (var i = 0; i < count; i++)
            packets[i] = Make(kind, i, mac, liveIndex);
        return packets;
    }

    private static byte[] Make(AttackKind kind, int number, HelloMac mac, uint liveIndex)
    {
        var packet = new byte[LengthOf(kind, number)];
        SystemRandom.Instance.Fill(packet);
        switch (kind)
        {
            case AttackKind.HelloBadMac:
                WriteHello(packet);
                break;
            case AttackKind.HelloGoodMac:
                WriteHello(packet);
                mac.Write(packet);
                break;
            case AttackKind.UnknownIndex:
                ChannelHeader.Write(packet, ChannelMessageType.Data);
                break;
            case AttackKind.ForgedData:
                DataHeader.Write(packet, ChannelMessageType.Data, liveIndex);
                BinaryPrimitives.WriteUInt64LittleEndian(packet.AsSpan(DataHeader.CounterOffset), FirstForgedCounter + (ulong)number);
                break;
            case AttackKind.Who:
                packet.AsSpan().Clear();
                ChannelHeader.Write(packet, ChannelMessageType.Who);
                SystemRandom.Instance.Fill(packet.AsSpan(ChannelHeader.Length, 16));
                break;
        }

        return packet;
    }

    private static void WriteHello(Span<byte> packet)
    {
        ChannelHeader.Write(packet, ChannelMessageType.Hello);
        packet[HelloMessage.Mac2Offset..HelloMessage.StaticOffset].Clear();
    }

    private static int LengthOf(AttackKind kind, int number) => kind switch
    {
        AttackKind.HelloBadMac or AttackKind.HelloGoodMac => HelloLength,
        AttackKind.UnknownIndex or AttackKind.ForgedData => DataLength,
        AttackKind.Who => WhoLength,
        _ => JunkLengths[number % JunkLengths.Length],
    };
}

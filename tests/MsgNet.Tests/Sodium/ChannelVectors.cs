using System.Text.Json;
using MsgNet.Core;
using MsgNet.Sodium;
using MsgNet.Testing;

namespace MsgNet.Tests.Sodium;

/// <summary>The recorded handshakes of <c>specs/vectors/secure-datagrams.json</c>, and nodes with their keys.</summary>
internal static class ChannelVectors
{
    private static readonly JsonElement Root = RepositoryFiles.Vectors("secure-datagrams.json");

    public static ulong Timestamp => Root.GetProperty("ts").GetUInt64();

    public static ulong InitiatorIncarnation => Root.GetProperty("inc_i").GetUInt64();

    public static ulong ResponderIncarnation => Root.GetProperty("inc_r").GetUInt64();

    public static byte[] Bytes(string name) => Convert.FromHexString(Root.GetProperty(name).GetString()!);

    public static byte[] Text(string name) => System.Text.Encoding.ASCII.GetBytes(Root.GetProperty(name).GetString()!);

    public static uint Index(string name) => Convert.ToUInt32(Root.GetProperty(name).GetString()!, 16);

    public static SodiumChannelCrypto Initiator(params byte[][] draws) => Node("initiator_seed", draws);

    public static SodiumChannelCrypto Responder(params byte[][] draws) => Node("responder_seed", draws);

    public static RemoteIdentity Remote(IChannelCrypto crypto, ReadOnlySpan<byte> publicKey)
    {
        Assert.True(RemoteIdentity.TryCreate(crypto, publicKey, out var remote));
        return remote;
    }

    private static SodiumChannelCrypto Node(string seed, byte[][] draws) =>
        new(
            Identity.FromSeed(Bytes(seed)),
            draws.Length == 0 ? SystemRandom.Instance : new FixedRandom(draws),
            AesLibrariesOfMachine.Present,
            new SecureSlab(32, isReadOnly: false));
}

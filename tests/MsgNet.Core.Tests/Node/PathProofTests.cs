using MsgNet.Sodium;
using MsgNet.Testing;
using KeyPair = MsgNet.Identity;

namespace MsgNet.Core.Tests.Node;

/// <summary>What proves an address, seen by a peer that does everything wrong once.</summary>
public sealed class PathProofTests : IDisposable
{
    private readonly NodeNetwork network = new();
    private readonly TestNode b;
    private readonly RawPeer raw;
    private readonly NetAddress home;

    public PathProofTests()
    {
        b = network.Add("/chat");
        raw = new RawPeer(new SodiumChannelCrypto(KeyPair.FromSeed(new byte[KeyPair.SeedLength]), new SeededRandom(1)), 1);
        home = raw.Address;
        network.Inject(home, b.Address, raw.Hello(b.PublicKey, b.Clock, []));
        raw.Accept(network.Flights[^1].Datagram);
        Deliver(home, []);
    }

    private NetAddress Where => b.Machine.Peers.Single().Address!.Value;

    public void Dispose() => raw.Dispose();

    [Fact]
    [Covers("SEC-088", "SEC-092")]
    public void Only_the_right_token_from_the_right_address_moves_the_path()
    {
        var token = BeginCandidate(At(1));
        Deliver(At(1), Response(token ^ 1));
        Assert.Equal(home, Where);
        Deliver(At(2), Response(token));
        Assert.Equal(home, Where);
        Deliver(home, Response(token));
        Assert.Equal(home, Where);
        Deliver(At(1), Response(token));
        Assert.Equal(At(1), Where);
        Assert.Equal(1, b.Count(NodeEventKind.PeerMoved));
    }

    [Fact]
    [Covers("SEC-092")]
    public void Newer_DATA_from_the_old_address_ends_the_candidacy()
    {
        var token = BeginCandidate(At(1));
        Deliver(home, []);
        Deliver(At(1), Response(token));
        Assert.Equal(home, Where);
    }

    [Fact]
    [Covers("SEC-092")]
    public void A_proof_after_its_time_is_none()
    {
        var token = BeginCandidate(At(1));
        network.Run(1.1);
        Deliver(At(1), Response(token));
        Assert.Equal(home, Where);
    }

    [Fact]
    [Covers("SEC-092")]
    public void Of_many_addresses_the_last_four_are_remembered()
    {
        var tokens = Enumerable.Range(0, 6).Select(number => BeginCandidate(At(number))).ToArray();
        Deliver(At(0), Response(tokens[0]));
        Deliver(At(1), Response(tokens[1]));
        Assert.Equal(home, Where);
        Deliver(At(2), Response(tokens[2]));
        Assert.Equal(At(2), Where);
    }

    [Fact]
    [Covers("MP-011", "SEC-092")]
    public void A_challenge_from_elsewhere_is_answered_there_once_and_makes_no_candidate()
    {
        var before = network.Flights.Count;
        Deliver(At(1), Challenge(7));
        network.Run(2);
        var answer = Assert.Single(network.Flights.Skip(before), flight => flight.To == At(1));
        var (type, body) = Assert.Single(raw.Open(answer.Datagram));
        Assert.Equal(FrameType.PathResponse, type);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 7], body);
        Assert.Equal(PathCandidate.ProbeSizeMin, answer.Datagram.Length);
        Assert.Equal(home, Where);
    }

    [Fact]
    [Covers("MP-011")]
    public void A_challenge_on_the_path_is_answered_once_first_of_all_frames_and_of_several_the_newest()
    {
        var before = network.Flights.Count;
        Deliver(home, [.. Challenge(7), .. Challenge(8)]);
        network.Run(2);
        var answers = network.Flights.Skip(before).Where(flight => flight.Has(FrameType.PathResponse)).ToArray();
        var frames = raw.Open(Assert.Single(answers).Datagram);
        Assert.Equal(FrameType.PathResponse, frames[0].Type);
        Assert.Equal(8, frames[0].Body[^1]);
        Assert.Equal(FrameType.Report, frames[1].Type);
    }

    [Fact]
    [Covers("SEC-088", "SEC-081")]
    public void A_ledger_too_small_for_a_challenge_grows_with_what_comes()
    {
        // Three times 32 bytes are two of the shortest challenges.
        var before = network.Flights.Count;
        Deliver(At(1), []);
        network.Run(0.5);
        var there = network.Flights.Skip(before).Where(flight => flight.To == At(1)).ToArray();
        Assert.Equal([42, 42], there.Select(flight => flight.Datagram.Length));
        Deliver(At(1), []);
        network.Run(0.5);
        Assert.Equal(3, network.Flights.Skip(before).Count(flight => flight.To == At(1)));
    }

    [Fact]
    [Covers("SEC-088", "SEC-063")]
    public void First_DATA_from_elsewhere_than_the_HELLO_makes_that_place_a_candidate()
    {
        using var other = new RawPeer(new SodiumChannelCrypto(KeyPair.FromSeed(Seed(3)), new SeededRandom(2)), 2) { Index = 0xEEEE };
        network.Inject(other.Address, b.Address, other.Hello(b.PublicKey, b.Clock, []));
        other.Accept(network.Flights[^1].Datagram);
        network.Inject(At(1), b.Address, other.Data([]));
        var flight = network.Flights.Last(flight => flight.To == At(1));
        var token = other.Open(flight.Datagram).Single().Body;
        network.Inject(At(1), b.Address, other.Data(Response(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(token))));
        Assert.True(b.Machine.TryFindPeer(other.Id, out var peer));
        Assert.Equal(At(1), peer.Address);
    }

    private static byte[] Seed(byte first)
    {
        var seed = new byte[KeyPair.SeedLength];
        seed[0] = first;
        return seed;
    }

    private static NetAddress At(int number) => NetAddress.From(new System.Net.IPAddress([10, 0, 2, (byte)number]), 6000, 0);

    private static byte[] Challenge(ulong token) =>
        RawPeer.Frames((ref WireWriter writer) => FrameWriter.TryWritePathChallenge(ref writer, token));

    private static byte[] Response(ulong token) =>
        RawPeer.Frames((ref WireWriter writer) => FrameWriter.TryWritePathResponse(ref writer, token));

    private void Deliver(NetAddress from, byte[] frames) => network.Inject(from, b.Address, raw.Data(frames));

    private ulong BeginCandidate(NetAddress at)
    {
        network.Run(0.001);
        Deliver(at, []);
        var flight = network.Flights.Last(flight => flight.To == at);
        var (type, body) = Assert.Single(raw.Open(flight.Datagram));
        Assert.Equal(FrameType.PathChallenge, type);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(body);
    }
}

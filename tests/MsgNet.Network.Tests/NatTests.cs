using System.Buffers.Binary;
using System.Net;

namespace MsgNet.NetworkTests;

/// <summary>The box's NAT, packet by packet: what RFC 4787 says of each kind.</summary>
public sealed class NatTests
{
    private const string Outside = "198.51.100.1";
    private static readonly Endpoint Inner = Endpoint.Of("10.1.0.2", 5000);
    private static readonly Endpoint Known = Endpoint.Of("198.51.100.11", 7000);
    private static readonly Endpoint SameHost = Endpoint.Of("198.51.100.11", 7001);
    private static readonly Endpoint OtherHost = Endpoint.Of("198.51.100.12", 7000);

    [Theory]
    [InlineData("Anyone", 1)]
    [InlineData("Address", 2)]
    [InlineData("AddressAndPort", 3)]
    public void A_mapping_is_shared_by_what_its_scope_leaves_open(string mapping, int ports)
    {
        var nat = Make(new NatOptions(Enum.Parse<NatScope>(mapping), NatScope.Anyone));

        ushort[] used = [GoOut(nat, Known), GoOut(nat, SameHost), GoOut(nat, OtherHost)];

        Assert.Equal(ports, used.Distinct().Count());
        Assert.Equal(5000, used[0]);
        Assert.Equal(used[0], GoOut(nat, Known));
    }

    [Theory]
    [InlineData("Anyone", true, true)]
    [InlineData("Address", true, false)]
    [InlineData("AddressAndPort", false, false)]
    public void A_filter_lets_in_whom_its_scope_allows(string filtering, bool sameHost, bool otherHost)
    {
        var nat = Make(new NatOptions(NatScope.Anyone, Enum.Parse<NatScope>(filtering)));
        var port = GoOut(nat, Known);

        Assert.True(ComesIn(nat, Known, port));
        Assert.Equal(sameHost, ComesIn(nat, SameHost, port));
        Assert.Equal(otherHost, ComesIn(nat, OtherHost, port));
        Assert.False(ComesIn(nat, Known, (ushort)(port + 1)));
    }

    [Fact]
    public void A_port_that_is_taken_is_replaced()
    {
        var nat = Make(NatOptions.HomeRouter);

        var first = GoOut(nat, Known, Inner);
        var second = GoOut(nat, Known, Endpoint.Of("10.1.0.3", 5000));

        Assert.Equal(5000, first);
        Assert.NotEqual(first, second);
    }

    [Fact]
    public void After_rebinding_the_old_port_is_dead_and_the_new_one_another()
    {
        var nat = Make(NatOptions.HomeRouter);
        var old = GoOut(nat, Known);

        nat.Rebind();

        Assert.False(ComesIn(nat, Known, old));
        Assert.NotEqual(old, GoOut(nat, Known));
    }

    [Fact]
    public void A_mapping_lives_as_long_as_it_is_used_from_inside()
    {
        var nat = Make(NatOptions.HomeRouter with { Timeout = TimeSpan.FromSeconds(30) });
        GoOut(nat, Known);
        GoOut(nat, Known, at: 20);

        Assert.True(ComesIn(nat, Known, 5000, at: 49));
        Assert.False(ComesIn(nat, Known, 5000, at: 50));
        Assert.Empty(nat.Ports);
    }

    [Fact]
    public void Checksums_fit_what_was_translated()
    {
        var nat = Make(NatOptions.HomeRouter with { PreservesPorts = false });
        var packet = Packet(Inner, Known);

        Assert.True(nat.TryGoOut(TimeSpan.Zero, packet));
        var translated = packet.Bytes.ToArray();
        packet.FixChecksums();

        Assert.Equal(translated, packet.Bytes.ToArray());
        Assert.Equal(nat.Address, packet.Source.Address);
        Assert.Equal(0xFFFF, OnesComplementSum(translated.AsSpan(0, 20)));
    }

    [Fact]
    public void What_is_not_UDP_is_dropped()
    {
        var nat = Make(NatOptions.FullCone);
        var packet = Packet(Inner, Known);
        packet.Bytes[9] = 6;

        Assert.False(nat.TryGoOut(TimeSpan.Zero, packet));
    }

    private static Nat Make(NatOptions options) => new(Outside, options, new Random(1));

    private static ushort GoOut(Nat nat, Endpoint remote, Endpoint? local = null, int at = 0)
    {
        var packet = Packet(local ?? Inner, remote);
        Assert.True(nat.TryGoOut(TimeSpan.FromSeconds(at), packet));
        return packet.Source.Port;
    }

    private static bool ComesIn(Nat nat, Endpoint from, ushort port, int at = 0)
    {
        var packet = Packet(from, new Endpoint(nat.Address, port));
        var passes = nat.TryComeIn(TimeSpan.FromSeconds(at), packet);
        Assert.Equal(passes ? Inner : new Endpoint(nat.Address, port), packet.Destination);
        return passes;
    }

    // An IPv4 header, a UDP header and five bytes: an odd length, for the checksum's sake.
    private static IpPacket Packet(Endpoint from, Endpoint to)
    {
        var bytes = new byte[33];
        (bytes[0], bytes[8], bytes[9]) = (0x45, 64, 17);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), 33);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(24), 13);
        "hello"u8.CopyTo(bytes.AsSpan(28));
        Assert.True(IpPacket.TryParse(bytes, out var packet));
        packet.Source = from;
        packet.Destination = to;
        packet.FixChecksums();
        return packet;
    }

    private static int OnesComplementSum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0;
        for (; !bytes.IsEmpty; bytes = bytes[2..])
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return (sum & 0xFFFF) + (sum >> 16);
    }
}

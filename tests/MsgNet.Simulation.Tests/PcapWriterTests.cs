using System.Net;

namespace MsgNet.Simulation.Tests;

public class PcapWriterTests
{
    [Fact]
    public void An_IPv4_datagram_is_written_to_the_byte()
    {
        // The IP checksum worked out by hand: 4500+0021+0000+4000+4011+0a00+0001+0a00+0002 = 0xd935 → 26ca. UDP: see the second test.
        using var stream = new MemoryStream();
        using (var pcap = new PcapWriter(stream))
            pcap.Write(1_735_689_600_000_042, IPEndPoint.Parse("10.0.0.1:4001"), IPEndPoint.Parse("10.0.0.2:4002"), "hello"u8);

        Assert.Equal(
            "D4C3B2A1" + "0200" + "0400" + "00000000" + "00000000" + "00000400" + "65000000"
            + "80857467" + "2A000000" + "21000000" + "21000000"
            + "4500002100004000401126CA0A0000010A000002"
            + "0FA10FA2000D",
            Convert.ToHexString(stream.ToArray().AsSpan(0, 24 + 16 + 20 + 6)));
        Assert.Equal("hello"u8, stream.ToArray().AsSpan(24 + 16 + 28));
    }

    [Theory]
    [InlineData("10.0.0.1:1", "192.168.255.254:65535", 0)]
    [InlineData("10.0.0.1:4001", "10.0.0.2:4002", 5)]
    [InlineData("10.0.0.1:4001", "10.0.0.2:4002", 65507)]
    [InlineData("[fd00::1]:4001", "[fd00::2]:4002", 0)]
    [InlineData("[fd00::1]:4001", "[2001:db8:ffff::2]:4002", 1399)]
    [InlineData("[fd00::1]:4001", "[fd00::2]:4002", 65527)]
    public void Lengths_and_checksums_are_right(string from, string to, int length)
    {
        var data = new byte[length];
        new SeededRandom(3).Fill(data);
        using var stream = new MemoryStream();
        using var pcap = new PcapWriter(stream);
        pcap.Write(0, IPEndPoint.Parse(from), IPEndPoint.Parse(to), data);

        var packet = stream.ToArray().AsSpan(24 + 16);
        var isIPv4 = IPEndPoint.Parse(from).AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork;
        var udp = packet[(isIPv4 ? 20 : 40)..];
        Assert.Equal(8 + length, udp.Length);
        Assert.Equal((ushort)udp.Length, Word(udp, 4));
        Assert.Equal(isIPv4 ? packet.Length : udp.Length, Word(packet, isIPv4 ? 2 : 4));
        Assert.Equal(data, udp[8..]);

        // RFC 1071: the sum over everything, its checksum included, is all ones.
        if (isIPv4)
            Assert.Equal(0xFFFF, Sum(packet[..20], 0));
        var pseudo = Sum(isIPv4 ? packet[12..20] : packet[8..40], 17 + (uint)udp.Length);
        Assert.Equal(0xFFFF, Sum(udp, (uint)pseudo));
        Assert.NotEqual(0, Word(udp, 6));
    }

    [Fact]
    public void What_no_packet_can_carry_is_refused()
    {
        using var pcap = new PcapWriter(new MemoryStream());
        var four = IPEndPoint.Parse("10.0.0.1:1");
        var six = IPEndPoint.Parse("[::2]:1");
        Assert.Throws<ArgumentException>(() => pcap.Write(0, four, six, [1]));
        Assert.Throws<ArgumentException>(() => pcap.Write(0, four, four, new byte[65_508]));
        Assert.Throws<ArgumentException>(() => pcap.Write(0, six, six, new byte[65_528]));
    }

    private static int Word(ReadOnlySpan<byte> bytes, int at) => (bytes[at] << 8) | bytes[at + 1];

    private static int Sum(ReadOnlySpan<byte> bytes, uint sum)
    {
        for (var i = 0; i < bytes.Length; i++)
            sum += i % 2 == 0 ? (uint)bytes[i] << 8 : bytes[i];
        while (sum > 0xFFFF)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return (int)sum;
    }
}

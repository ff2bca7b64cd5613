using System.Text.Json;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Msp;

/// <summary>specs/vectors/serval.json, each way.</summary>
public sealed class MspVectorTests
{
    private static readonly JsonElement Vectors = RepositoryFiles.Vectors("serval.json");

    public static TheoryData<string> Names =>
        [.. Vectors.GetProperty("packets").EnumerateArray().Select(v => v.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Names))]
    [Covers("MSP-001", "MSP-002", "MSP-004")]
    public void Packet_is_read(string name)
    {
        var vector = Find(name);
        var bytes = Convert.FromHexString(vector.GetProperty("hex").GetString()!);
        Assert.True(MspPacket.TryParse(bytes, out var packet));
        Assert.Equal(Flags(vector), packet.Flags);
        Assert.Equal(vector.TryGetProperty("sequence", out var sequence), packet.IsData);
        Assert.Equal(vector.TryGetProperty("ack", out var ack) && (packet.Flags & MspFlags.Ack) != 0, packet.HasAck);
        if (packet.HasAck)
            Assert.Equal(ack.GetInt32(), packet.Ack);
        if (!packet.IsData)
            return;

        Assert.Equal(sequence.GetInt32(), packet.Sequence);
        Assert.Equal(vector.GetProperty("dataLength").GetInt32(), packet.Data.Length);
        Assert.True(bytes.AsSpan(MspPacket.HeaderLength).SequenceEqual(packet.Data));
    }

    [Theory]
    [MemberData(nameof(Names))]
    [Covers("MSP-001", "MSP-004")]
    public void Packet_is_written_to_the_byte(string name)
    {
        var vector = Find(name);
        var expected = Convert.FromHexString(vector.GetProperty("hex").GetString()!);
        var written = new byte[expected.Length];
        var hasAck = vector.TryGetProperty("ack", out var ack);
        var length = vector.TryGetProperty("sequence", out var sequence)
            ? MspPacket.WriteHeader(written, Flags(vector), ack.GetUInt16(), sequence.GetUInt16())
            : hasAck ? MspPacket.WriteAck(written, Flags(vector), ack.GetUInt16()) : WriteStop(written);
        expected.AsSpan(length).CopyTo(written.AsSpan(length));
        Assert.Equal(Convert.ToHexStringLower(expected), Convert.ToHexStringLower(written));
    }

    [Fact]
    [Covers("MSP-001", "MSP-015")]
    public void The_example_of_the_text_is_what_a_machine_writes()
    {
        using var machine = new MspMachine(new MspMachineSettings { SendWindow = 4, ReceiveWindow = 4 }, new BufferPool(poison: true));
        machine.Append("hi"u8);
        var packet = new byte[7];
        Assert.Equal(7, machine.WriteData(0, packet));
        Assert.Equal("04ffff00006869", Convert.ToHexStringLower(packet));
    }

    [Fact]
    [Covers("MSP-002", "MSP-003", "MSP-004")]
    public void Lengths_and_flags_mean_what_they_mean_to_deployed_nodes()
    {
        Assert.False(MspPacket.TryParse([], out _));
        foreach (var flags in Enumerable.Range(0, 256))
        {
            for (var length = 1; length < 8; length++)
            {
                byte[] bytes = [(byte)flags, 1, 2, 3, 4, 5, 6];
                Assert.True(MspPacket.TryParse(bytes.AsSpan(0, length), out var packet));
                var isStop = (flags & 8) != 0;
                Assert.Equal(flags & 15, (int)packet.Flags);
                Assert.Equal(isStop, packet.IsStop);
                Assert.Equal(!isStop && length >= 3 && (flags & 2) != 0, packet.HasAck);
                Assert.Equal(!isStop && length >= 5, packet.IsData);
                Assert.Equal(packet.IsData ? length - 5 : 0, packet.Data.Length);
                Assert.Equal(packet.HasAck ? 0x0201 : 0, packet.Ack);
                Assert.Equal(packet.IsData ? 0x0403 : 0, packet.Sequence);
            }
        }
    }

    // What an endpoint writes of a connection that is given up.
    private static int WriteStop(byte[] destination)
    {
        var now = Instant.Zero;
        using var endpoint = new MspEndpoint(poison: true);
        var pair = new MspPair(MspAddress.Any(1), MspAddress.Any(2));
        Assert.True(endpoint.TryConnect(now, pair, MspProfile.Serval, out var connection));
        connection.Stop(now, new MspEvents());
        var writer = new MspPacketWriter(destination);
        Assert.True(endpoint.WritePacket(now, ref writer));
        return writer.Length;
    }

    private static MspFlags Flags(JsonElement vector) => (MspFlags)Convert.ToInt32(vector.GetProperty("flags").GetString(), 16);

    private static JsonElement Find(string name)
        => Vectors.GetProperty("packets").EnumerateArray().Single(vector => vector.GetProperty("name").GetString() == name);
}

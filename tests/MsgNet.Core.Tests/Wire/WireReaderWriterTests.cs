using MsgNet.Testing;

namespace MsgNet.Core.Tests.Wire;

public class WireReaderWriterTests
{
    [Fact]
    public void Fields_go_both_ways()
    {
        Span<byte> buffer = stackalloc byte[64];
        var writer = new WireWriter(buffer);
        writer.WriteByte(0xAB);
        writer.WriteUInt16BigEndian(0x0102);
        writer.WriteUInt32BigEndian(0x01020304);
        writer.WriteUInt64BigEndian(0x0102030405060708);
        writer.WriteUInt32LittleEndian(0x01020304);
        writer.WriteUInt64LittleEndian(0x0102030405060708);
        writer.WriteUvarint(300);
        writer.WriteBytes("hi"u8);
        writer.WriteBytes(default);

        Assert.False(writer.Overflowed);
        Assert.Equal(31, writer.Position);
        Assert.Equal(33, writer.Remaining);
        Assert.Equal(
            "ab" + "0102" + "01020304" + "0102030405060708" + "04030201" + "0807060504030201" + "ac02" + "6869",
            Convert.ToHexStringLower(writer.Written));

        var reader = new WireReader(writer.Written);
        Assert.True(reader.TryReadByte(out var first) && first == 0xAB);
        Assert.True(reader.TryReadUInt16BigEndian(out var second) && second == 0x0102);
        Assert.True(reader.TryReadUInt32BigEndian(out var third) && third == 0x01020304);
        Assert.True(reader.TryReadUInt64BigEndian(out var fourth) && fourth == 0x0102030405060708);
        Assert.True(reader.TryReadUInt32LittleEndian(out var fifth) && fifth == 0x01020304);
        Assert.True(reader.TryReadUInt64LittleEndian(out var sixth) && sixth == 0x0102030405060708);
        Assert.True(reader.TryReadUvarint(out var seventh) && seventh == 300);
        Assert.Equal(2, reader.Remaining);
        Assert.True(reader.TryReadBytes(2, out var rest));
        Assert.Equal("hi"u8.ToArray(), rest.ToArray());
        Assert.True(reader.IsEmpty && reader.TryReadBytes(0, out _));
    }

    [Fact]
    public void Little_endian_16_is_read()
    {
        var reader = new WireReader([0x02, 0x01]);
        Assert.True(reader.TryReadUInt16LittleEndian(out var value));
        Assert.Equal(0x0102, value);
        Assert.True(reader.IsEmpty);
    }

    [Fact]
    public void A_failed_read_moves_nothing()
    {
        var reader = new WireReader([0x80]);
        Assert.False(reader.TryReadUInt16BigEndian(out _));
        Assert.False(reader.TryReadUInt16LittleEndian(out _));
        Assert.False(reader.TryReadUInt32BigEndian(out _));
        Assert.False(reader.TryReadUInt32LittleEndian(out _));
        Assert.False(reader.TryReadUInt64BigEndian(out _));
        Assert.False(reader.TryReadUInt64LittleEndian(out _));
        Assert.False(reader.TryReadUvarint(out _));
        Assert.False(reader.TryReadBytes(2, out var none));
        Assert.True(none.IsEmpty);
        Assert.False(reader.TryReadBytes(-1, out _));
        Assert.False(reader.TryReadBytes(int.MaxValue, out _));
        Assert.Equal(1, reader.Remaining);
        Assert.True(reader.TryReadByte(out var value) && value == 0x80);
        Assert.False(reader.TryReadByte(out _));
    }

    [Fact]
    public void Overflow_sticks_and_writes_nothing_more()
    {
        Span<byte> buffer = stackalloc byte[3];
        var writer = new WireWriter(buffer);
        writer.WriteByte(1);
        writer.WriteUInt32BigEndian(0xFFFFFFFF);
        Assert.True(writer.Overflowed);

        // A field that would fit must not follow one that did not.
        writer.WriteByte(2);
        writer.WriteUInt16BigEndian(0xFFFF);
        writer.WriteUInt64BigEndian(1);
        writer.WriteUInt32LittleEndian(1);
        writer.WriteUInt64LittleEndian(1);
        writer.WriteUvarint(1);
        writer.WriteBytes([3]);
        Assert.Equal(1, writer.Position);
        Assert.Equal([1, 0, 0], buffer.ToArray());
    }

    [Fact]
    public void A_full_writer_has_not_overflowed()
    {
        Span<byte> buffer = stackalloc byte[2];
        var writer = new WireWriter(buffer);
        writer.WriteUInt16BigEndian(0x0102);
        Assert.False(writer.Overflowed);
        Assert.Equal(0, writer.Remaining);
        writer.WriteBytes([3]);
        Assert.True(writer.Overflowed);
    }

    [Fact]
    public void A_reader_withstands_a_hundred_thousand_inputs_without_allocating()
    {
        byte[][] corpus = [Convert.FromHexString("ab0102ac02686980808001"), Convert.FromHexString("ffffffffffffffff7f0001")];
        var mutator = new Mutator(5);
        for (var i = 0; i < 100_000; i++)
        {
            Allocations.AssertAtMost(0, mutator.Next(corpus), static input =>
            {
                var reader = new WireReader(input);
                while (reader.TryReadUvarint(out var number) && reader.TryReadBytes((int)(number & 0xFF), out var value))
                    Assert.True(value.Length + reader.Remaining < input.Length);
            });
        }
    }
}

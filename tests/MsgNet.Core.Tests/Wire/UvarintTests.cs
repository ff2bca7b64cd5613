namespace MsgNet.Core.Tests.Wire;

public class UvarintTests
{
    public static TheoryData<ulong, string> Numbers => new()
    {
        { 0, "00" }, { 1, "01" }, { 0x7F, "7f" }, { 0x80, "8001" }, { 0xFF, "ff01" }, { 300, "ac02" }, { 0x3FFF, "ff7f" },
        { 0x4000, "808001" },
        { 0x300000, "8080c001" }, { uint.MaxValue, "ffffffff0f" }, { (1UL << 56) - 1, "ffffffffffffff7f" },
        { 1UL << 56, "808080808080808001" }, { Uvarint.ValueMax, "ffffffffffffffff7f" },
    };

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Numbers_go_both_ways(ulong value, string hex)
    {
        Span<byte> bytes = stackalloc byte[Uvarint.LengthMax];
        var length = Uvarint.Write(bytes, value);
        Assert.Equal(hex, Convert.ToHexStringLower(bytes[..length]));
        Assert.Equal(length, Uvarint.Length(value));
        Assert.Equal(length, Uvarint.Read(bytes[..length], out var read));
        Assert.Equal(value, read);
        Assert.Equal(length, Uvarint.Read([.. bytes[..length], 0xFF], out _));
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Short_room_and_short_input_give_zero(ulong value, string hex)
    {
        var whole = Convert.FromHexString(hex);
        for (var length = 0; length < whole.Length; length++)
        {
            var room = new byte[length];
            Assert.Equal(0, Uvarint.Write(room, value));
            Assert.Equal(new byte[length], room);
            Assert.Equal(0, Uvarint.Read(whole.AsSpan(0, length), out var read));
            Assert.Equal(0UL, read);
        }
    }

    [Theory]
    [InlineData("8000")]
    [InlineData("818000")]
    [InlineData("808080808080808000")]
    [InlineData("ffffffffffffffffff01")]
    [InlineData("80808080808080808001")]
    [InlineData("ffffffffffffffffffffffff")]
    public void Numbers_not_minimal_or_too_long_are_refused(string hex)
    {
        Assert.Equal(0, Uvarint.Read(Convert.FromHexString(hex), out var value));
        Assert.Equal(0UL, value);
    }

    [Fact]
    public void Each_width_has_its_length()
    {
        for (var bits = 0; bits < 63; bits++)
            Assert.Equal(bits / 7 + 1, Uvarint.Length(1UL << bits));
    }

    [Fact]
    public void A_number_beyond_63_bits_is_misuse()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Uvarint.Length(Uvarint.ValueMax + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Uvarint.Write(new byte[16], ulong.MaxValue));
    }
}

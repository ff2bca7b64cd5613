using MsgNet.Testing;

namespace MsgNet.Core.Tests.Identity;

public class ProtocolIdTests
{
    [Fact]
    [Covers("API-003")]
    public void Names_convert_and_compare()
    {
        ProtocolId kad = "/kad/1.0";
        var other = new ProtocolId(string.Concat("/kad", "/1.", 0));
        Assert.True(kad == other && kad.Equals((object)other) && kad.GetHashCode() == other.GetHashCode());
        Assert.True(kad != "/kad/1.1");
        Assert.Equal("/kad/1.0", kad.Name);
        Assert.Equal("/kad/1.0", kad.ToString());
        Assert.Equal(kad, ProtocolId.FromString("/kad/1.0"));
        Assert.False(kad.IsEmpty);
    }

    [Fact]
    public void The_default_names_nothing()
    {
        Assert.True(default(ProtocolId).IsEmpty);
        Assert.Equal("", default(ProtocolId).Name);
        Assert.NotEqual(default, new ProtocolId("x"));
        Assert.Equal(default(ProtocolId), default);
        Assert.Equal(0, default(ProtocolId).GetHashCode());
    }

    [Fact]
    public void Every_printable_character_is_a_name_and_no_other()
    {
        for (var code = 0; code <= char.MaxValue; code++)
            Assert.Equal(code is >= 0x20 and <= 0x7E, ProtocolId.IsValid([(char)code]));
    }

    [Fact]
    public void Lengths_are_1_to_140()
    {
        Assert.True(ProtocolId.IsValid(new string('a', Limits.ProtocolNameMax)));
        Assert.False(ProtocolId.IsValid(new string('a', Limits.ProtocolNameMax + 1)));
        Assert.False(ProtocolId.IsValid(""));
        Assert.Throws<ArgumentException>(() => new ProtocolId(""));
        Assert.Throws<ArgumentException>(() => new ProtocolId("a\n"));
        Assert.Throws<ArgumentNullException>(() => new ProtocolId(null!));
    }
}

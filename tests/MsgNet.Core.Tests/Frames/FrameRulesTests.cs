using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Frames;

public sealed class FrameRulesTests
{
    // type; d datagram, l lane, s stream, m raw MDP; e elicits a REPORT: the registry, typed in again.
    private static readonly Dictionary<byte, string> Registry = new()
    {
        [0x01] = "dlsme", [0x02] = "dsme", [0x03] = "dlsme", [0x04] = "dsme", [0x05] = "dlsme", [0x06] = "dlsme", [0x07] = "dme",
        [0x08] = "d", [0x09] = "de", [0x0A] = "de", [0xF1] = "de", [0xF2] = "de", [0xF3] = "ds", [0xF4] = "de", [0xF5] = "s",
    };

    [Fact]
    [Covers("MP-024", "MP-025", "MP-028")]
    public void Every_byte_is_allowed_where_the_registry_says()
    {
        for (var type = 0; type < 256; type++)
        {
            var row = Registry.GetValueOrDefault((byte)type, "");
            Assert.Equal(row.Length > 0, FrameRules.IsKnown((FrameType)type));
            Assert.Equal(row.Contains('d'), FrameRules.IsAllowed((FrameType)type, CarrierKinds.Datagram));
            Assert.Equal(row.Contains('l'), FrameRules.IsAllowed((FrameType)type, CarrierKinds.Lane));
            Assert.Equal(row.Contains('s'), FrameRules.IsAllowed((FrameType)type, CarrierKinds.Stream));
            Assert.Equal(row.Contains('m'), FrameRules.IsAllowed((FrameType)type, CarrierKinds.Mdp));
            Assert.Equal(row.Contains('e'), FrameRules.IsEliciting((FrameType)type));
            Assert.Equal(type is 1 or 3, FrameRules.IsTaggable((FrameType)type));
            Assert.Equal(type is 1 or 3 or 5 or 6 or 9, FrameRules.IsFragmentable((FrameType)type));
        }
    }

    [Fact]
    public void Several_carriers_must_all_allow_and_none_allows_nothing()
    {
        Assert.True(FrameRules.IsAllowed(FrameType.Close, CarrierKinds.Datagram | CarrierKinds.Stream));
        Assert.False(FrameRules.IsAllowed(FrameType.Close, CarrierKinds.Datagram | CarrierKinds.Lane));
        Assert.False(FrameRules.IsAllowed(FrameType.Init, CarrierKinds.None));
    }

    [Fact]
    public void Enum_names_exactly_the_registry()
    {
        var named = Enum.GetValues<FrameType>().Where(type => type != FrameType.None).Select(type => (byte)type);
        Assert.Equal(Registry.Keys.Order(), named.Order());
    }
}

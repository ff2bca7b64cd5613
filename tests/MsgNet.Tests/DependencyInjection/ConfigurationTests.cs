using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Tests.DependencyInjection;

/// <summary>Options from appsettings.json: what is written is what holds, and what cannot be read is said.</summary>
public sealed class ConfigurationTests
{
    [Fact]
    [Covers("API-135")]
    public void Every_option_is_read()
    {
        var options = Options("""
            {
              "Listen": [ "/ip4/127.0.0.1/udp/4001", "/memory/1" ], "keyfile": "host.key", "DialTimeout": "00:00:07",
              "DrainTimeout": "00:00:01.5", "PeersMax": 12, "PoisonReturnedBuffers": true, "AnswerWho": true,
              "EarlyNeedsCookie": true, "MessageSizeMax": 70000, "ReceiveBudgetPerPeer": 300000, "CongestionControl": "cubic",
              "OfferAes": false, "SegmentationOffload": false, "ReceiveSpin": "00:00:00.00005"
            }
            """);
        Assert.Equal(["/ip4/127.0.0.1/udp/4001", "/memory/1"], options.Listen.Select(address => address.ToString()));
        Assert.Equal("host.key", options.KeyFile);
        Assert.Equal(TimeSpan.FromSeconds(7), options.DialTimeout);
        Assert.Equal(TimeSpan.FromSeconds(1.5), options.DrainTimeout);
        Assert.Equal(12, options.PeersMax);
        Assert.True(options.PoisonReturnedBuffers);
        Assert.True(options.AnswerWho);
        Assert.True(options.EarlyNeedsCookie);
        Assert.Equal(70_000, options.MessageSizeMax);
        Assert.Equal(300_000, options.ReceiveBudgetPerPeer);
        Assert.Equal(CongestionControl.Cubic, options.CongestionControl);
        Assert.False(options.OfferAes);
        Assert.False(options.SegmentationOffload);
        Assert.Equal(TimeSpan.FromMicroseconds(50), options.ReceiveSpin);
    }

    [Fact]
    public void There_is_a_key_for_every_option_but_the_identity_and_the_function() => Assert.Equal(
        typeof(MsgNetOptions).GetProperties().Select(property => property.Name)
            .Except([nameof(MsgNetOptions.Identity), nameof(MsgNetOptions.AcceptPeer)]).Order(),
        MsgNetOptionsBinder.KeyNames.Order());

    [Theory]
    [InlineData("""{ "Listen": [], "KeyFile": null, "DialTimeout": null }""")]
    [InlineData("{}")]
    public void What_is_not_set_keeps_its_default(string json)
    {
        var options = Options(json);
        Assert.Empty(options.Listen);
        Assert.Null(options.KeyFile);
        Assert.Equal(new MsgNetOptions().DialTimeout, options.DialTimeout);
    }

    [Theory]
    [InlineData(
        """{ "Listn": [] }""",
        "MsgNet:Listn is no option of MsgNet: remove it, or write one of Listen, KeyFile, ")]
    [InlineData(
        """{ "Identity": "x" }""",
        "MsgNet:Identity is no option of MsgNet: remove it, or write one of Listen, KeyFile, ")]
    [InlineData(
        """{ "Listen": [ "/memory/1", "udp:4001" ] }""",
        "MsgNet:Listen:1 is \"udp:4001\", no multiaddress: write one such as /ip4/0.0.0.0/udp/4001.")]
    [InlineData(
        """{ "Listen": "/memory/1" }""",
        "MsgNet:Listen is \"/memory/1\", one value: write a list, such as [ \"/ip4/0.0.0.0/udp/4001\" ]; "
            + "as an environment variable, MsgNet__Listen__0.")]
    [InlineData(
        """{ "Listen": [ { "Address": "/memory/1" } ] }""",
        "MsgNet:Listen:0 is \"\", no multiaddress: write one such as /ip4/0.0.0.0/udp/4001.")]
    [InlineData(
        """{ "DialTimeout": "10" }""",
        "MsgNet:DialTimeout is \"10\", no time: write hours, minutes and seconds, such as 00:00:10.")]
    [InlineData(
        """{ "DrainTimeout": "soon:er" }""",
        "MsgNet:DrainTimeout is \"soon:er\", no time: write hours, minutes and seconds, such as 00:00:05.")]
    [InlineData("""{ "PeersMax": "many" }""", "MsgNet:PeersMax is \"many\", no whole number: write one such as 16384.")]
    [InlineData("""{ "MessageSizeMax": "1 MB" }""", "MsgNet:MessageSizeMax is \"1 MB\", no whole number: write one such as 1048576.")]
    [InlineData(
        """{ "ReceiveBudgetPerPeer": "x" }""", "MsgNet:ReceiveBudgetPerPeer is \"x\", no whole number: write one such as 8388608.")]
    [InlineData(
        """{ "MessageSizeMax": 4000000, "ReceiveBudgetPerPeer": 8000000 }""",
        "ReceiveBudgetPerPeer is 8000000 and MessageSizeMax 4000000, ")]
    [InlineData("""{ "PeersMax": 1.5 }""", "MsgNet:PeersMax is \"1.5\", no whole number: write one such as 16384.")]
    [InlineData("""{ "PeersMax": [ 1 ] }""", "MsgNet:PeersMax holds several values: write one.")]
    [InlineData("""{ "PoisonReturnedBuffers": "yes" }""", "MsgNet:PoisonReturnedBuffers is \"yes\": write true or false.")]
    [InlineData("""{ "CongestionControl": 1 }""", "MsgNet:CongestionControl is \"1\": write Model or Cubic.")]
    [InlineData("""{ "AnswerWho": 1 }""", "MsgNet:AnswerWho is \"1\": write true or false.")]
    [InlineData("""{ "PeersMax": 0 }""", "PeersMax is 0: set it to 1 to 16384.")]
    [InlineData("""{ "KeyFile": "" }""", "KeyFile is blank: ")]
    [InlineData("""{ "DrainTimeout": "-00:00:01" }""", "DrainTimeout is -00:00:01: set it to 00:00:00 to 00:01:00.")]
    [Covers("API-135")]
    public void A_wrong_value_has_its_sentence(string json, string sentence)
    {
        var thrown = Assert.Throws<OptionsValidationException>(() => Options(json));
        Assert.StartsWith(sentence, Assert.Single(thrown.Failures), StringComparison.Ordinal);
    }

    [Fact]
    [Covers("API-135")]
    public void All_faults_are_told_at_once()
    {
        var thrown = Assert.Throws<OptionsValidationException>(
            () => Options("""{ "PeersMax": "many", "Nonsense": 1, "DialTimeout": "x" }"""));
        Assert.Equal(3, thrown.Failures.Count());
    }

    [Fact]
    public void The_whole_configuration_is_not_the_section()
    {
        var root = new ConfigurationBuilder().AddInMemoryCollection([new("Logging:Level", "Debug")]).Build();
        using var services = new ServiceCollection().AddMsgNet(root).Services.BuildServiceProvider();
        var thrown = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<MsgNetOptions>>().Value);
        Assert.Contains("configuration.GetSection(\"MsgNet\")", thrown.Message, StringComparison.Ordinal);
    }

    private static MsgNetOptions Options(string json)
    {
        var settings = Encoding.UTF8.GetBytes($$"""{ "MsgNet": {{json}} }""");
        var section = new ConfigurationBuilder().AddJsonStream(new MemoryStream(settings)).Build().GetSection("MsgNet");
        using var services = new ServiceCollection().AddMsgNet(section).Services.BuildServiceProvider();
        return services.GetRequiredService<IOptions<MsgNetOptions>>().Value;
    }
}

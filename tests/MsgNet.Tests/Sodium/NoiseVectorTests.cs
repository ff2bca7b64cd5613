using System.Text.Json;
using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Tests.Sodium;

[Covers("SEC-002")]
public class NoiseVectorTests
{
    private static readonly Dictionary<string, string[][]> Patterns = new()
    {
        ["IK"] = [["e", "es", "s", "ss"], ["e", "ee", "se"]],
        ["XX"] = [["e"], ["e", "ee", "s", "es"], ["s", "se"]],
    };

    [Theory]
    [InlineData("Noise_IK_25519_ChaChaPoly_SHA256")]
    [InlineData("Noise_XX_25519_ChaChaPoly_SHA256")]
    public void The_state_object_reproduces_recorded_Noise_handshakes(string protocolName)
    {
        var vector = Find(protocolName);
        var pattern = Patterns[protocolName.Split('_')[1]];
        var (initiator, responder) = Parties(vector, protocolName);
        using var endOfInitiator = initiator;
        using var endOfResponder = responder;
        var messages = vector.GetProperty("messages").EnumerateArray().ToArray();
        Assert.Equal(6, messages.Length);
        for (var i = 0; i < pattern.Length; i++)
        {
            var (writer, reader) = i % 2 == 0 ? (initiator, responder) : (responder, initiator);
            var payload = Hex(messages[i], "payload");
            var ciphertext = writer.Write(pattern[i], payload);
            Assert.Equal(Hex(messages[i], "ciphertext"), ciphertext);
            Assert.Equal(payload, reader.Read(pattern[i], ciphertext));
        }

        Assert.Equal(Hex(vector, "handshake_hash"), initiator.Hash);
        Assert.Equal(initiator.Hash, responder.Hash);
        Assert.Equal(initiator.Split().FromInitiator, responder.Split().FromInitiator);
        Assert.Equal(initiator.Split().FromResponder, responder.Split().FromResponder);
        CheckTransport(messages, pattern.Length, initiator);
    }

    [Fact]
    public void A_forged_message_leaves_the_state_as_it_was()
    {
        using var crypto = ChannelVectors.Initiator();
        var sender = new SymmetricState(crypto, new byte[SymmetricState.MemoryLength]);
        var receiver = new SymmetricState(crypto, new byte[SymmetricState.MemoryLength]);
        foreach (var state in (Span<int>)[0, 1])
        {
            var one = state == 0 ? sender : receiver;
            one.Initialize("a name longer than thirty-two bytes"u8, "prologue"u8);
            one.MixKey("input"u8);
        }

        var ciphertext = new byte[5 + 16];
        var opened = new byte[5];
        sender.EncryptAndHash("hello"u8, ciphertext);
        ciphertext[3] ^= 1;
        Assert.False(receiver.TryDecryptAndHash(ciphertext, opened));
        ciphertext[3] ^= 1;
        Assert.True(receiver.TryDecryptAndHash(ciphertext, opened));
        Assert.Equal("hello"u8.ToArray(), opened);
        Assert.Equal(sender.Hash.ToArray(), receiver.Hash.ToArray());
    }

    [Fact]
    public void Wiping_leaves_zeros()
    {
        using var crypto = ChannelVectors.Initiator();
        var memory = new byte[SymmetricState.MemoryLength];
        var state = new SymmetricState(crypto, memory);
        state.Initialize("name"u8, default);
        state.MixKey("input"u8);
        Assert.Contains(memory, value => value != 0);
        state.Wipe();
        Assert.DoesNotContain(memory, value => value != 0);
    }

    private static void CheckTransport(JsonElement[] messages, int handshakeMessages, NoiseParty party)
    {
        var (fromInitiator, fromResponder) = party.Split();
        var sent = new ulong[2];
        for (var i = handshakeMessages; i < messages.Length; i++)
        {
            var key = i % 2 == 0 ? fromInitiator : fromResponder;
            Assert.Equal(Hex(messages[i], "ciphertext"), party.Transport(key, sent[i % 2]++, Hex(messages[i], "payload")));
        }
    }

    private static (NoiseParty Initiator, NoiseParty Responder) Parties(JsonElement vector, string protocolName)
    {
        var initiator = new NoiseParty(true, Hex(vector, "init_static"), Hex(vector, "init_ephemeral"));
        var responder = new NoiseParty(false, Hex(vector, "resp_static"), Hex(vector, "resp_ephemeral"));
        var premessage = protocolName.Contains("_IK_", StringComparison.Ordinal) ? responder.StaticKey : null;
        if (premessage is not null)
            Assert.Equal(Hex(vector, "init_remote_static"), premessage);

        initiator.Start(protocolName, Hex(vector, "init_prologue"), premessage);
        responder.Start(protocolName, Hex(vector, "resp_prologue"), premessage);
        return (initiator, responder);
    }

    private static JsonElement Find(string protocolName) => RepositoryFiles.Vectors("noise", "noise-ik-xx-25519.json")
        .GetProperty("vectors").EnumerateArray()
        .Single(vector => vector.GetProperty("protocol_name").GetString() == protocolName);

    private static byte[] Hex(JsonElement element, string name) => Convert.FromHexString(element.GetProperty(name).GetString()!);
}

using MsgNet.Core;
using MsgNet.Sodium;
using MsgNet.Testing;
using static MsgNet.Tests.Sodium.ChannelVectors;

namespace MsgNet.Tests.Sodium;

/// <summary>What a thief of long-term keys can read of what was recorded before: exactly what specs/security.md says.</summary>
public sealed class SecrecyTests : IDisposable
{
    private readonly byte[] ephemeral = new byte[32];
    private readonly byte[] buffer = new byte[200];
    private readonly SodiumChannelCrypto initiator;
    private readonly SodiumChannelCrypto responder = Responder();
    private readonly byte[] hello;
    private readonly byte[] ack = new byte[AckMessage.Overhead + 6];
    private readonly byte[] early;
    private readonly byte[] toResponder;
    private readonly byte[] toInitiator;

    public SecrecyTests()
    {
        SystemRandom.Instance.Fill(ephemeral);
        initiator = Initiator(ephemeral);
        using var opened = new InitiatorHandshake(initiator, Remote(initiator, responder.PublicKey), default);
        hello = new byte[HelloMessage.Overhead + 5];
        opened.WriteHello(hello, senderIndex: 1, Timestamp, incarnation: 7, ChannelOffers.Common, "early"u8);

        using (var key = opened.CreateEarlyKey())
            early = Sealed(key, ChannelMessageType.Early, index: 1);

        using var answered = new ResponderHandshake(responder);
        Assert.Equal("early", Read(answered));
        var length = answered.WriteAck(ack, senderIndex: 2, incarnation: 8, ChannelOffers.Common, "answer"u8, out var atResponder);
        Assert.Equal(ack.Length, length);
        Assert.True(opened.TryReadAck(ack, buffer, out _, out var atInitiator));
        toResponder = Sealed(atInitiator.Sealing, ChannelMessageType.Data, index: 2);
        toInitiator = Sealed(atResponder!.Sealing, ChannelMessageType.Data, index: 1);
        atInitiator.Dispose();
        atResponder!.Dispose();
    }

    [Fact]
    [Covers("SEC-021", "SEC-023")]
    public void The_responders_key_opens_the_first_flight()
    {
        using var thief = Responder();
        using var handshake = new ResponderHandshake(thief);
        Assert.Equal("early", Read(handshake));
        Assert.Equal(initiator.PublicKey, handshake.RemoteKey);
        using var key = handshake.CreateEarlyKey();
        Assert.True(key.TryOpen((byte[])early.Clone(), out _, out _));
    }

    [Fact]
    [Covers("SEC-021", "SEC-026")]
    public void Both_long_term_keys_open_nothing_after_the_first_flight()
    {
        // All that two long-term keys and what was on the wire can be agreed to, in the place of the agreement of the two ephemeral keys.
        byte[]?[] guesses =
        [
            null,
            new byte[32],
            Agreed(responder, Ephemeral(hello, HelloMessage.EphemeralOffset)),
            Agreed(responder, Ephemeral(ack, AckMessage.EphemeralOffset)),
            Agreed(initiator, Ephemeral(hello, HelloMessage.EphemeralOffset)),
            Agreed(initiator, Ephemeral(ack, AckMessage.EphemeralOffset)),
            Agreed(responder, AgreementKey(initiator)),
        ];
        foreach (var guess in guesses)
            Assert.Equal((false, false, false), Opens(guess));

        // Whoever has kept one ephemeral key opens it all: nothing else was missing.
        using var thief = Initiator(ephemeral);
        using var kept = thief.CreateEphemeral();
        var shared = new byte[32];
        Assert.True(kept.TryAgree(Ephemeral(ack, AckMessage.EphemeralOffset), shared));
        Assert.Equal((true, true, true), Opens(shared));
    }

    public void Dispose()
    {
        initiator.Dispose();
        responder.Dispose();
    }

    // The schedule of section 3 by hand, from both long-term keys and a guess of ee; null leaves ee out.
    private (bool Ack, bool ToResponder, bool ToInitiator) Opens(byte[]? ee)
    {
        var state = new SymmetricState(responder, new byte[SymmetricState.MemoryLength]);
        byte[] prologue = [.. "msgnet/1"u8, .. hello.AsSpan(0, 8), .. new byte[16]];
        state.Initialize("Noise_IK_Ed25519_ChaChaPoly_SHA256"u8, prologue);
        state.MixHash(responder.PublicKey);
        state.MixHash(Ephemeral(hello, HelloMessage.EphemeralOffset));
        state.MixKey(Agreed(responder, Ephemeral(hello, HelloMessage.EphemeralOffset)));
        state.MixHash(hello.AsSpan(HelloMessage.StaticOffset, 48));
        state.MixKey(Agreed(responder, AgreementKey(initiator)));
        state.MixHash(hello.AsSpan(HelloMessage.PayloadOffset));
        state.MixHash(ack.AsSpan(0, AckMessage.HeaderLength));
        state.MixHash(Ephemeral(ack, AckMessage.EphemeralOffset));
        if (ee is not null)
            state.MixKey(ee);

        state.MixKey(Agreed(initiator, Ephemeral(ack, AckMessage.EphemeralOffset)));
        var sealedPayload = ack.AsSpan(AckMessage.PayloadOffset);
        var opensAck = state.TryDecryptAndHash(sealedPayload, new byte[sealedPayload.Length - 16]);
        var keys = new byte[64];
        state.Split(keys.AsSpan(0, 32), keys.AsSpan(32));
        return (opensAck, OpensData(keys[..32], toResponder), OpensData(keys[32..], toInitiator));
    }

    private bool OpensData(byte[] key, byte[] datagram)
    {
        using var opening = responder.CreateOpeningKey(PacketSuite.ChaCha20Poly1305, key);
        return opening.TryOpen((byte[])datagram.Clone(), out _, out _);
    }

    private string Read(ResponderHandshake handshake)
    {
        Assert.True(HelloMessage.TryParse(hello, out var parsed));
        Assert.True(handshake.TryReadStatic(parsed, default));
        Assert.True(handshake.TryReadPayload(parsed, buffer, out var payload));
        return System.Text.Encoding.ASCII.GetString(payload.Frames);
    }

    private static byte[] Sealed(ISealingKey key, ChannelMessageType type, uint index)
    {
        var datagram = new byte[Limits.SealOverhead + 6];
        DataHeader.Write(datagram, type, index);
        "secret"u8.CopyTo(datagram.AsSpan(DataHeader.Length));
        key.Seal(datagram, 6);
        return datagram;
    }

    private static byte[] Ephemeral(byte[] datagram, int offset) => datagram.AsSpan(offset, 32).ToArray();

    private static byte[] AgreementKey(SodiumChannelCrypto of) => Remote(of, of.PublicKey).AgreementKey.ToArray();

    private static byte[] Agreed(SodiumChannelCrypto own, byte[] remote)
    {
        var shared = new byte[32];
        Assert.True(own.TryAgreeIdentity(remote, shared));
        return shared;
    }
}

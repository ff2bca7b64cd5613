using MsgNet.Core;
using MsgNet.Sodium;
using MsgNet.Testing;

namespace MsgNet.Tests.Sodium;

/// <summary>
/// One end of a standard Noise handshake, driven by the tokens of its pattern over <see cref="SymmetricState"/>: proves that the state
/// object the channel is built on is Noise's, with patterns whose bytes others recorded.
/// </summary>
internal sealed class NoiseParty : IDisposable
{
    private readonly SodiumChannelCrypto crypto;
    private readonly byte[] memory = new byte[SymmetricState.MemoryLength];
    private readonly bool isInitiator;
    private readonly IEphemeralKey ownStatic;
    private readonly IEphemeralKey ownEphemeral;
    private byte[]? remoteStatic;
    private byte[]? remoteEphemeral;

    public NoiseParty(bool isInitiator, byte[] staticSecret, byte[] ephemeralSecret)
    {
        this.isInitiator = isInitiator;
        crypto = new SodiumChannelCrypto(Identity.Generate(), new FixedRandom(staticSecret, ephemeralSecret));
        ownStatic = crypto.CreateEphemeral();
        ownEphemeral = crypto.CreateEphemeral();
    }

    public byte[] StaticKey => ownStatic.PublicKey.ToArray();

    public byte[] Hash => State.Hash.ToArray();

    private SymmetricState State => new(crypto, memory);

    /// <summary>Starts; <paramref name="responderStatic"/> is IK's premessage, null for XX.</summary>
    public void Start(string protocolName, byte[] prologue, byte[]? responderStatic)
    {
        State.Initialize(System.Text.Encoding.ASCII.GetBytes(protocolName), prologue);
        if (responderStatic is null)
            return;

        State.MixHash(responderStatic);
        remoteStatic = isInitiator ? responderStatic : null;
    }

    public byte[] Write(string[] tokens, byte[] payload)
    {
        var message = new List<byte>();
        foreach (var token in tokens)
        {
            switch (token)
            {
                case "e":
                    message.AddRange(ownEphemeral.PublicKey);
                    State.MixHash(ownEphemeral.PublicKey);
                    break;
                case "s":
                    message.AddRange(Encrypt(StaticKey));
                    break;
                default:
                    Mix(token);
                    break;
            }
        }

        return [.. message, .. Encrypt(payload)];
    }

    public byte[] Read(string[] tokens, byte[] message)
    {
        foreach (var token in tokens)
        {
            switch (token)
            {
                case "e":
                    remoteEphemeral = message[..32];
                    State.MixHash(remoteEphemeral);
                    message = message[32..];
                    break;
                case "s":
                    var length = 32 + State.Overhead;
                    remoteStatic = Decrypt(message[..length]);
                    message = message[length..];
                    break;
                default:
                    Mix(token);
                    break;
            }
        }

        return Decrypt(message);
    }

    public (byte[] FromInitiator, byte[] FromResponder) Split()
    {
        var keys = (new byte[32], new byte[32]);
        State.Split(keys.Item1, keys.Item2);
        return keys;
    }

    /// <summary>A transport message of these vectors: empty associated data, nonces from 0.</summary>
    public byte[] Transport(byte[] key, ulong nonce, byte[] payload)
    {
        var ciphertext = new byte[payload.Length + 16];
        crypto.SealHandshake(key, nonce, default, payload, ciphertext);
        return ciphertext;
    }

    public void Dispose()
    {
        ownStatic.Dispose();
        ownEphemeral.Dispose();
        crypto.Dispose();
    }

    private void Mix(string token)
    {
        var (mine, theirs) = isInitiator ? (token[0], token[1]) : (token[1], token[0]);
        var shared = new byte[32];
        var own = mine == 'e' ? ownEphemeral : ownStatic;
        Assert.True(own.TryAgree((theirs == 'e' ? remoteEphemeral : remoteStatic)!, shared));
        State.MixKey(shared);
    }

    private byte[] Encrypt(byte[] plaintext)
    {
        var ciphertext = new byte[plaintext.Length + State.Overhead];
        State.EncryptAndHash(plaintext, ciphertext);
        return ciphertext;
    }

    private byte[] Decrypt(byte[] ciphertext)
    {
        var plaintext = new byte[ciphertext.Length - State.Overhead];
        Assert.True(State.TryDecryptAndHash(ciphertext, plaintext));
        return plaintext;
    }
}

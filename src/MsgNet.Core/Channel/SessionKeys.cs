using System.Runtime.CompilerServices;

namespace MsgNet.Core;

/// <summary>What a finished handshake gives: a key for each direction and the channel binding. Disposing wipes both keys.</summary>
/// <remarks>Safe on any thread.</remarks>
internal sealed class SessionKeys : IDisposable
{
    private readonly Hash binding;

    internal SessionKeys(PacketSuite suite, ISealingKey sealing, IOpeningKey opening, ReadOnlySpan<byte> binding)
    {
        Suite = suite;
        Sealing = sealing;
        Opening = opening;
        binding.CopyTo(this.binding);
    }

    /// <summary>What both ends agreed on.</summary>
    public PacketSuite Suite { get; }

    /// <summary>Seals what this end sends.</summary>
    public ISealingKey Sealing { get; }

    /// <summary>Opens what the other end sent.</summary>
    public IOpeningKey Opening { get; }

    /// <summary>The handshake hash, 32 bytes, the same at both ends and different in every session. Not a secret.</summary>
    public ReadOnlySpan<byte> Binding => binding;

    /// <inheritdoc/>
    public void Dispose()
    {
        Sealing.Dispose();
        Opening.Dispose();
    }

    internal static SessionKeys Split(IChannelCrypto crypto, PacketSuite suite, SymmetricState state, bool isInitiator)
    {
        Span<byte> keys = stackalloc byte[64];
        var fromInitiator = keys[..32];
        var fromResponder = keys[32..];
        state.Split(fromInitiator, fromResponder);
        var session = new SessionKeys( // SEC-026
            suite,
            crypto.CreateSealingKey(suite, isInitiator ? fromInitiator : fromResponder),
            crypto.CreateOpeningKey(suite, isInitiator ? fromResponder : fromInitiator),
            state.Hash); // SEC-022
        crypto.Wipe(keys);
        return session;
    }

    [InlineArray(32)]
    private struct Hash
    {
        private byte element;
    }
}

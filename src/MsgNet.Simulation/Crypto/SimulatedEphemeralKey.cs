using MsgNet.Core;

namespace MsgNet.Simulation;

/// <summary>A key pair of one simulated handshake.</summary>
internal sealed class SimulatedEphemeralKey : IEphemeralKey
{
    private readonly SimulatedCrypto owner;
    private readonly byte[] privateKey = new byte[StandInAgreement.KeyLength];
    private readonly byte[] publicKey = new byte[StandInAgreement.KeyLength];
    private bool disposed;

    public SimulatedEphemeralKey(SimulatedCrypto owner, IRandom random)
    {
        this.owner = owner;
        random.Fill(privateKey);
        Span<byte> ed25519 = stackalloc byte[StandInAgreement.KeyLength];
        StandInAgreement.PublicOf(privateKey, ed25519);
        Invariant.Check(StandInAgreement.TryConvert(ed25519, publicKey));
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> PublicKey => publicKey;

    /// <inheritdoc/>
    public bool TryAgree(ReadOnlySpan<byte> remoteX25519, Span<byte> shared)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        SimulatedCrypto.RequireLength(remoteX25519, StandInAgreement.KeyLength, nameof(remoteX25519));
        SimulatedCrypto.RequireLength(shared, StandInAgreement.KeyLength, nameof(shared));
        owner.CountAgreement();
        return StandInAgreement.TryAgree(privateKey, remoteX25519, shared);
    }

    /// <inheritdoc/>
    public void Dispose() => disposed = true;
}

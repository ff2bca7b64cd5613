using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>
/// The cryptography of somebody who says it is somebody else: another's public key, its own private one. What two keys agree to can be
/// computed from either: who has stolen the receiver's key knows the ss of everybody it claims to be.
/// </summary>
internal sealed class ClaimingCrypto(IChannelCrypto own, byte[] claimed) : WrappedCrypto(own)
{
    public override ReadOnlySpan<byte> PublicKey => claimed;

    public override bool TryAgreeIdentity(ReadOnlySpan<byte> remoteX25519, Span<byte> shared)
    {
        Span<byte> key = stackalloc byte[32];
        var isOwn = base.TryConvertPublicKey(base.PublicKey, key) && key.SequenceEqual(remoteX25519);
        return isOwn && base.TryConvertPublicKey(claimed, key)
            ? base.TryAgreeIdentity(key, shared)
            : base.TryAgreeIdentity(remoteX25519, shared);
    }
}

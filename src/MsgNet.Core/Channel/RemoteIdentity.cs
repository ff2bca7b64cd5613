using System.Diagnostics.CodeAnalysis;

namespace MsgNet.Core;

/// <summary>
/// A peer's identity key, checked (ID-005) and converted once, which costs more than an agreement: what every HELLO to that peer needs.
/// </summary>
/// <remarks>Immutable.</remarks>
internal sealed class RemoteIdentity
{
    private readonly IChannelCrypto crypto;
    private readonly byte[] keys = new byte[64];

    private RemoteIdentity(IChannelCrypto crypto, ReadOnlySpan<byte> ed25519)
    {
        ed25519.CopyTo(keys);
        this.crypto = crypto;
    }

    /// <summary>The Ed25519 key, 32 bytes.</summary>
    public ReadOnlySpan<byte> PublicKey => keys.AsSpan(0, 32);

    /// <summary>Its X25519 form, 32 bytes.</summary>
    public ReadOnlySpan<byte> AgreementKey => keys.AsSpan(32, 32);

    /// <summary>mac1 of HELLOs to this peer.</summary>
    public HelloMac Mac => field ??= new HelloMac(crypto, PublicKey); // only those that are dialled need it

    /// <summary>Checks and converts a key; false when it is not a canonical, full-order Ed25519 key and so nobody's identity.</summary>
    public static bool TryCreate(IChannelCrypto crypto, ReadOnlySpan<byte> ed25519, [NotNullWhen(true)] out RemoteIdentity? remote)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        Span<byte> x25519 = stackalloc byte[32];
        if (!crypto.TryConvertPublicKey(ed25519, x25519))
        {
            remote = null;
            return false;
        }

        remote = FromConverted(crypto, ed25519, x25519);
        return true;
    }

    /// <summary>The same of a key that was checked and converted already, which costs as much as an agreement.</summary>
    public static RemoteIdentity FromConverted(IChannelCrypto crypto, ReadOnlySpan<byte> ed25519, ReadOnlySpan<byte> x25519)
    {
        var remote = new RemoteIdentity(crypto, ed25519);
        x25519.CopyTo(remote.keys.AsSpan(32));
        return remote;
    }
}

using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>Passes everything on, and counts what costs.</summary>
internal sealed class CountingCrypto(IChannelCrypto inner) : WrappedCrypto(inner)
{
    /// <summary>X25519 with the node's identity: es, then ss.</summary>
    public int Agreements { get; private set; }

    /// <summary>Conversions of a remote key: just before ss.</summary>
    public int Conversions { get; private set; }

    /// <summary>Key pairs made: for ee and se.</summary>
    public int Ephemerals { get; private set; }

    /// <summary>Keyed hashes: mac1, mac2, cookies.</summary>
    public int Macs { get; private set; }

    /// <summary>Agreements, conversions and key pairs since the last call.</summary>
    public (int Agreements, int Conversions, int Ephemerals) Take()
    {
        var counted = (Agreements, Conversions, Ephemerals);
        (Agreements, Conversions, Ephemerals, Macs) = (0, 0, 0, 0);
        return counted;
    }

    public override bool TryConvertPublicKey(ReadOnlySpan<byte> ed25519, Span<byte> x25519)
    {
        Conversions++;
        return base.TryConvertPublicKey(ed25519, x25519);
    }

    public override bool TryAgreeIdentity(ReadOnlySpan<byte> remoteX25519, Span<byte> shared)
    {
        Agreements++;
        return base.TryAgreeIdentity(remoteX25519, shared);
    }

    public override IEphemeralKey CreateEphemeral()
    {
        Ephemerals++;
        return base.CreateEphemeral();
    }

    public override void Mac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac16)
    {
        Macs++;
        base.Mac(key, data, mac16);
    }
}

using MsgNet.Core;

namespace MsgNet.Sodium;

/// <summary>An X25519 key pair; the secret half lies in the slab.</summary>
internal sealed unsafe class SodiumEphemeralKey : IEphemeralKey
{
    private readonly SecureMemory secret;
    private readonly byte[] publicKey = new byte[SodiumScalarMult.Length];

    public SodiumEphemeralKey(SecureMemory secret)
    {
        this.secret = secret;
        fixed (byte* point = publicKey)
            Invariant.Check(SodiumScalarMult.MultiplyBase(point, (byte*)secret.DangerousGetHandle()) == 0);
    }

    public ReadOnlySpan<byte> PublicKey => publicKey;

    public bool TryAgree(ReadOnlySpan<byte> remoteX25519, Span<byte> shared)
    {
        var held = false;
        try
        {
            secret.DangerousAddRef(ref held);
            return SodiumChannelCrypto.TryAgree((byte*)secret.DangerousGetHandle(), remoteX25519, shared);
        }
        finally
        {
            if (held)
                secret.DangerousRelease();
        }
    }

    public void Dispose() => secret.Dispose();
}

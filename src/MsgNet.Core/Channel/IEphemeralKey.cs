namespace MsgNet.Core;

/// <summary>An X25519 key pair of one handshake. Disposing wipes it. One thread at a time.</summary>
public interface IEphemeralKey : IDisposable
{
    /// <summary>The public half, 32 bytes; readable also after disposal.</summary>
    ReadOnlySpan<byte> PublicKey { get; }

    /// <summary>X25519 with <paramref name="remoteX25519"/> (32 bytes); false, and zeros, when the output is all zeros.</summary>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    bool TryAgree(ReadOnlySpan<byte> remoteX25519, Span<byte> shared);
}

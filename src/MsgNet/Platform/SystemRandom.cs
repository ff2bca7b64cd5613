using System.Security.Cryptography;
using MsgNet.Core;

namespace MsgNet.Platform;

/// <summary>The operating system's cryptographic generator. Safe on any thread.</summary>
internal sealed class SystemRandom : IRandom
{
    /// <inheritdoc/>
    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}

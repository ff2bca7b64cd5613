using System.Security.Cryptography;
using MsgNet.Core;

namespace MsgNet.Sodium;

/// <summary>The operating system's generator. Safe on any thread.</summary>
internal sealed class SystemRandom : IRandom
{
    /// <summary>The only one.</summary>
    public static SystemRandom Instance { get; } = new();

    private SystemRandom()
    {
    }

    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}

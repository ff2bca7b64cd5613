using System.Runtime.InteropServices;

namespace MsgNet.Core;

/// <summary>What an EARLY packet is found by: where it comes from and its initiator's index (SEC-066).</summary>
/// <param name="From">The address that the HELLO came from.</param>
/// <param name="Index">The sender_index of the HELLO.</param>
internal readonly record struct EarlySource(NetAddress From, uint Index)
{
    // By the runtime's random seed: peers choose all of it.
    public override int GetHashCode()
    {
        Span<ulong> words = [From.High, From.Low, ((ulong)Index << 16) | From.Port, ((ulong)From.ScopeId << 32) | (uint)From.LocalPort];
        var hash = default(HashCode);
        hash.AddBytes(MemoryMarshal.AsBytes(words));
        return hash.ToHashCode();
    }
}

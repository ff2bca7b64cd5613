namespace MsgNet.Sodium;

/// <summary>
/// AES-256-GCM for all keys of one host and one direction: a place to work for each thread that seals or opens at the same time.
/// </summary>
/// <remarks>Safe on any thread. <see cref="Remove"/> wipes a key and what was expanded from it.</remarks>
internal sealed class AesWorkspaces : IDisposable
{
    /// <summary>More threads than that wait for each other.</summary>
    public const int CountMax = 8;

    private readonly AesWorkspace[] all;

    public AesWorkspaces(bool seals, AesLibraries libraries)
    {
        all = new AesWorkspace[Math.Min(Environment.ProcessorCount, CountMax)];
        for (var i = 0; i < all.Length; i++)
            all[i] = new AesWorkspace(seals, libraries);
    }

    /// <summary>Writes the counter and seals with it.</summary>
    /// <exception cref="ObjectDisposedException">The key was removed.</exception>
    public void Seal(SecureMemory key, ulong counter, Span<byte> datagram, int plaintextLength)
    {
        var workspace = Enter(key);
        try
        {
            workspace.Seal(key, counter, datagram, plaintextLength);
        }
        finally
        {
            workspace.Gate.Exit();
        }
    }

    /// <summary>Opens in place; false, and zeros instead of frames, when it is forged.</summary>
    /// <exception cref="ObjectDisposedException">The key was removed.</exception>
    public bool TryOpen(SecureMemory key, ulong counter, Span<byte> datagram)
    {
        var workspace = Enter(key);
        try
        {
            return workspace.TryOpen(key, counter, datagram);
        }
        finally
        {
            workspace.Gate.Exit();
        }
    }

    /// <summary>Wipes a key wherever it was expanded, and in its slab; no packet is under way with it any more.</summary>
    public void Remove(SecureMemory key)
    {
        foreach (var workspace in all)
        {
            lock (workspace.Gate)
                workspace.Forget(key);
        }

        key.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var workspace in all)
        {
            lock (workspace.Gate)
                workspace.Dispose();
        }
    }

    // Where the key lies already there is nothing to expand; else where nobody is at work.
    private AesWorkspace Enter(SecureMemory key)
    {
        foreach (var workspace in all)
        {
            if (!workspace.Holds(key))
                continue;

            workspace.Gate.Enter();
            return workspace;
        }

        foreach (var workspace in all)
        {
            if (workspace.Gate.TryEnter())
                return workspace;
        }

        all[0].Gate.Enter();
        return all[0];
    }
}

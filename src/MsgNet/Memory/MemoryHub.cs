using System.Collections.Concurrent;

namespace MsgNet;

/// <summary>Who listens on which <c>/memory/N</c>. One for the process; tests and simulations make their own. Safe on any thread.</summary>
internal sealed class MemoryHub
{
    private readonly ConcurrentDictionary<ulong, MemorySocket> listeners = new();
    private ulong lastChosen;

    public static MemoryHub Default { get; } = new();

    /// <summary>Gives <paramref name="number"/> to a socket; false when another has it.</summary>
    public bool TryListen(ulong number, MemorySocket socket) => listeners.GetOrAdd(number, socket) == socket;

    /// <summary>Gives a socket a number that is free.</summary>
    public ulong ListenAnywhere(MemorySocket socket)
    {
        while (true)
        {
            var number = Interlocked.Increment(ref lastChosen);
            if (number != 0 && listeners.TryAdd(number, socket))
                return number;
        }
    }

    public MemorySocket? Find(ulong number) => listeners.GetValueOrDefault(number);

    /// <summary>Frees a number that a socket has.</summary>
    public void Free(ulong number, MemorySocket socket) => listeners.TryRemove(new KeyValuePair<ulong, MemorySocket>(number, socket));
}

using MsgNet.Core;

namespace MsgNet;

/// <summary>Arenas that nobody uses, to be used again; a few, the rest goes to the garbage collector. Safe on any thread.</summary>
/// <param name="poison">Overwrite bytes whose call has ended, so that code which kept borrowed ones is caught.</param>
internal sealed class MessageArenas(bool poison)
{
    // A batch that is filled, one whose calls are made, and calls of some handlers that go on.
    private const int KeptMax = 8;
    private const int LengthMin = 64 << 10;
    private readonly MessageArena?[] kept = new MessageArena?[KeptMax];

    /// <summary>An arena with one user.</summary>
    public MessageArena Rent()
    {
        MessageArena? arena = null;
        for (var i = 0; i < kept.Length && arena is null; i++)
            arena = Interlocked.Exchange(ref kept[i], null);

        arena ??= new MessageArena(this, GC.AllocateUninitializedArray<byte>(LengthMin), poison);
        arena.AddUser();
        return arena;
    }

    /// <summary>Takes back an arena without users; not one that a single message beyond all bounds made large.</summary>
    public void Return(MessageArena arena)
    {
        if (arena.Bytes.Length > Limits.InlineBatchBytesMax)
            return;

        for (var i = 0; i < kept.Length; i++)
        {
            if (Interlocked.CompareExchange(ref kept[i], arena, null) is null)
                return;
        }
    }
}

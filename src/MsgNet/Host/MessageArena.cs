namespace MsgNet;

/// <summary>
/// Bytes of messages, back to back. Shared by the batch that filled it and the calls that have not ended yet: the last to let go gives it
/// back.
/// </summary>
internal sealed class MessageArena(MessageArenas owner, byte[] bytes, bool poison)
{
    private const byte Poison = 0xDD;
    private int users;

    /// <summary>The bytes; replaced only while its batch is filled.</summary>
    public byte[] Bytes { get; private set; } = bytes;

    /// <summary>Somebody else reads from it, too. For its batch, when no call of it begins any more.</summary>
    public bool IsShared => Volatile.Read(ref users) > 1;

    /// <summary>One more who reads from it.</summary>
    public void AddUser() => Interlocked.Increment(ref users);

    /// <summary>One less who reads from it; safe on any thread.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref users) == 0)
            owner.Return(this);
    }

    /// <summary>The call that was given these bytes has ended.</summary>
    public void EndUse(int offset, int length)
    {
        if (poison)
            Bytes.AsSpan(offset, length).Fill(Poison); // API-062
    }

    /// <summary>Moves what is used to a larger array.</summary>
    public void Grow(int used, int length)
    {
        var larger = new byte[length];
        Bytes.AsSpan(0, used).CopyTo(larger);
        Bytes = larger;
    }
}

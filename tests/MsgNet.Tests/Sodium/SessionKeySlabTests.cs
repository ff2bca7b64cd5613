using MsgNet.Sodium;
using MsgNet.Testing;

namespace MsgNet.Tests.Sodium;

[Covers("ID-025")]
public unsafe class SessionKeySlabTests
{
    [Fact]
    public void Keys_lie_apart_and_unchanged()
    {
        using var slab = new SessionKeySlab();
        var handles = Enumerable.Range(0, 1000).Select(i => slab.Store(Key(i))).ToList();
        Assert.Equal(1000, slab.Used);
        Assert.Equal(1000, handles.Select(handle => handle.DangerousGetHandle()).Distinct().Count());
        for (var i = 0; i < handles.Count; i++)
            Assert.Equal(Key(i), Bytes(handles[i].DangerousGetHandle()));

        handles.ForEach(handle => handle.Dispose());
        Assert.Equal(0, slab.Used);
    }

    [Fact]
    public void A_released_slot_is_wiped_and_used_again()
    {
        using var slab = new SessionKeySlab();
        using var stays = slab.Store(Key(1));
        var goes = slab.Store(Key(2));
        var slot = goes.DangerousGetHandle();
        goes.Dispose();
        Assert.Equal(new byte[32], Bytes(slot));
        using var next = slab.Store(Key(3));
        Assert.Equal(slot, next.DangerousGetHandle());
        Assert.Equal(Key(1), Bytes(stays.DangerousGetHandle()));
    }

    [Fact]
    public void A_slot_in_use_is_released_by_its_last_user()
    {
        using var slab = new SessionKeySlab();
        var handle = slab.Store(Key(4));
        var held = false;
        handle.DangerousAddRef(ref held);
        handle.Dispose();
        Assert.Equal(1, slab.Used);
        Assert.Equal(Key(4), Bytes(handle.DangerousGetHandle()));
        handle.DangerousRelease();
        Assert.Equal(0, slab.Used);
    }

    [Fact]
    public void A_disposed_slab_keeps_the_keys_in_use_and_takes_no_more()
    {
        var slab = new SessionKeySlab();
        var handle = slab.Store(Key(5));
        slab.Dispose();
        Assert.Equal(Key(5), Bytes(handle.DangerousGetHandle()));
        Assert.Throws<ObjectDisposedException>(() => slab.Store(Key(6)));
        handle.Dispose();
        Assert.Equal(0, slab.Used);
    }

    [Fact]
    public void Only_32_bytes_are_a_key()
    {
        using var slab = new SessionKeySlab();
        Assert.Throws<ArgumentOutOfRangeException>(() => slab.Store(new byte[31]));
        Assert.Equal(0, slab.Used);
    }

    private static byte[] Key(int number)
    {
        var key = new byte[32];
        new SeededRandom((ulong)number).Fill(key);
        return key;
    }

    private static byte[] Bytes(nint slot) => new ReadOnlySpan<byte>((void*)slot, 32).ToArray();
}

using MsgNet.Sodium;
using MsgNet.Testing;

namespace MsgNet.Tests.Sodium;

[Covers("ID-025")]
public unsafe class SecureSlabTests
{
    private const string Maps = "/proc/self/maps";

    [Fact]
    public void Keys_lie_apart_and_unchanged()
    {
        var slab = new SecureSlab(32, isReadOnly: false);
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
        var slab = new SecureSlab(32, isReadOnly: false);
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
        var slab = new SecureSlab(32, isReadOnly: false);
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
    public void What_is_not_to_be_written_is_stored_wiped_and_stored_again()
    {
        var slab = new SecureSlab(32, isReadOnly: true);
        using var stays = slab.Store(Key(1));
        var goes = slab.Store(Key(2));
        var slot = goes.DangerousGetHandle();
        Assert.Equal("r--p", RightsAt(slot) ?? "r--p");
        goes.Dispose();
        Assert.Equal(new byte[32], Bytes(slot));
        Assert.Equal("r--p", RightsAt(slot) ?? "r--p");
        using var next = slab.Store(Key(3));
        Assert.Equal(slot, next.DangerousGetHandle());
        Assert.Equal(Key(1), Bytes(stays.DangerousGetHandle()));
    }

    [Fact]
    public void Memory_goes_back_to_the_system_but_for_what_the_next_secret_takes()
    {
        var slab = new SecureSlab(32, isReadOnly: false, 4 * 32);
        var first = Enumerable.Range(0, 4).Select(i => slab.Store(Key(i))).ToList();
        Assert.Equal(0, slab.ChunksWithRoom);
        var second = Enumerable.Range(4, 4).Select(i => slab.Store(Key(i))).ToList();
        second.ForEach(handle => handle.Dispose());
        Assert.Equal(1, slab.ChunksWithRoom);
        first[0].Dispose();
        Assert.Equal(2, slab.ChunksWithRoom);
        first[1].Dispose();
        first[2].Dispose();
        first[3].Dispose();
        Assert.Equal(1, slab.ChunksWithRoom);
        using var next = slab.Store(Key(9));
        Assert.Equal(Key(9), next.Bytes.ToArray());
        Assert.Equal(1, slab.Used);
    }

    [Fact]
    public void A_system_that_refuses_memory_is_named_and_what_can_be_done()
    {
        var slab = new SecureSlab(32, isReadOnly: true, (nuint)1 << 46);
        var refused = Assert.Throws<InsufficientMemoryException>(() => slab.Store(Key(1)));
        Assert.Contains("vm.max_map_count", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, slab.Used);
    }

    [SkippableFact]
    public void Thousands_of_identities_take_few_mappings()
    {
        Skip.IfNot(File.Exists(Maps), $"needs {Maps}");
        var before = File.ReadLines(Maps).Count();
        var identities = Enumerable.Range(0, 3_000).Select(_ => Identity.Generate()).ToList();
        var mappings = File.ReadLines(Maps).Count() - before;
        Assert.InRange(mappings, int.MinValue, 1_000);
        Assert.Equal(3_000, identities.Select(identity => identity.Id).Distinct().Count());
        identities.ForEach(identity => identity.Dispose());
    }

    [Fact]
    public void Only_32_bytes_are_a_key()
    {
        var slab = new SecureSlab(32, isReadOnly: false);
        Assert.Throws<ArgumentOutOfRangeException>(() => slab.Store(new byte[31]));
        Assert.Equal(0, slab.Used);
    }

    // Null where the system does not tell.
    private static string? RightsAt(nint address)
    {
        foreach (var line in File.Exists(Maps) ? File.ReadLines(Maps) : [])
        {
            var parts = line.Split('-', ' ');
            var (start, end) = (Convert.ToInt64(parts[0], 16), Convert.ToInt64(parts[1], 16));
            if (address >= start && address < end)
                return line.Split(' ')[1];
        }

        return null;
    }

    private static byte[] Key(int number)
    {
        var key = new byte[32];
        new SeededRandom((ulong)number).Fill(key);
        return key;
    }

    private static byte[] Bytes(nint slot) => new ReadOnlySpan<byte>((void*)slot, 32).ToArray();
}

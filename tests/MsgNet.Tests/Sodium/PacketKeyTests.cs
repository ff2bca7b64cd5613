using System.Buffers.Binary;
using MsgNet.Core;
using MsgNet.Sodium;
using MsgNet.Testing;

namespace MsgNet.Tests.Sodium;

public sealed class PacketKeyTests : IDisposable
{
    private readonly SodiumChannelCrypto crypto = ChannelVectors.Initiator();
    private readonly byte[] secret = new byte[32];

    public PacketKeyTests() => new SeededRandom(3).Fill(secret);

    public void Dispose() => crypto.Dispose();

    [Theory]
    [Covers("SEC-014")]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(1440)]
    public void What_is_sealed_opens_in_place(int length)
    {
        using var sealing = crypto.CreateSealingKey(secret);
        using var opening = crypto.CreateOpeningKey(secret);
        for (var expected = 0UL; expected < 3; expected++)
        {
            var datagram = Datagram(length);
            var frames = datagram.AsSpan(16, length).ToArray();
            Assert.Equal(expected, sealing.NextCounter);
            Assert.Equal(expected, sealing.Seal(datagram, length));
            Assert.Equal(expected, BinaryPrimitives.ReadUInt64LittleEndian(datagram.AsSpan(8)));
            Assert.True(length == 0 || !datagram.AsSpan(16, length).SequenceEqual(frames));
            Assert.True(opening.TryOpen(datagram, out var counter, out var opened));
            Assert.Equal((expected, length), (counter, opened));
            Assert.Equal(frames, datagram[16..(16 + length)]);
        }
    }

    [Theory]
    [Covers("SEC-001")]
    [InlineData(0)]
    [InlineData(40)]
    public void Every_flipped_bit_of_a_packet_is_refused(int length)
    {
        using var sealing = crypto.CreateSealingKey(secret);
        using var opening = crypto.CreateOpeningKey(secret);
        var datagram = Datagram(length);
        sealing.Seal(datagram, length);
        for (var bit = 0; bit < datagram.Length * 8; bit++)
        {
            var changed = (byte[])datagram.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(opening.TryOpen(changed, out _, out var opened), $"bit {bit}");
            Assert.Equal(0, opened);
        }

        for (var size = 0; size < datagram.Length; size++)
            Assert.False(opening.TryOpen(datagram.AsSpan(0, size).ToArray(), out _, out _));

        for (var bit = 0; bit < 256; bit++)
        {
            var otherSecret = (byte[])secret.Clone();
            otherSecret[bit / 8] ^= (byte)(1 << (bit % 8));
            using var other = crypto.CreateOpeningKey(otherSecret);
            Assert.False(other.TryOpen((byte[])datagram.Clone(), out _, out _));
        }

        Assert.True(opening.TryOpen(datagram, out _, out _));
    }

    [Fact]
    public void A_skipped_counter_is_never_sealed_with()
    {
        using var sealing = crypto.CreateSealingKey(secret);
        Assert.Equal(0UL, sealing.Seal(Datagram(1), 1));
        Assert.Equal(1UL, sealing.Skip());
        Assert.Equal(2UL, sealing.Seal(Datagram(1), 1));
    }

    [Fact]
    public void A_counter_at_or_above_the_bound_is_refused_unopened()
    {
        using var opening = crypto.CreateOpeningKey(secret);
        foreach (var counter in (ulong[])[PacketCounter.RejectAfter - 1, PacketCounter.RejectAfter, ulong.MaxValue])
        {
            // Sealed outside, since a sealing key gives no such counter.
            var datagram = Datagram(4);
            BinaryPrimitives.WriteUInt64LittleEndian(datagram.AsSpan(8), counter);
            crypto.SealHandshake(secret, counter, datagram.AsSpan(0, 16), datagram.AsSpan(16, 4), datagram.AsSpan(16));
            Assert.Equal(counter < PacketCounter.RejectAfter, opening.TryOpen(datagram, out _, out _));
        }
    }

    [Fact]
    [Covers("SEC-071")]
    public void Eight_threads_sealing_a_million_packets_each_share_no_counter()
    {
        const int Threads = 8;
        const int Each = 1_000_000;
        using var sealing = crypto.CreateSealingKey(secret);
        var seen = new byte[Threads * Each];
        var repeated = 0;
        Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, _ =>
        {
            var datagram = Datagram(8);
            for (var i = 0; i < Each; i++)
            {
                var counter = i % 1000 == 0 ? sealing.Skip() : sealing.Seal(datagram, 8);
                if (Interlocked.Exchange(ref seen[counter], 1) != 0)
                    Interlocked.Increment(ref repeated);
            }
        });
        Assert.Equal(0, repeated);
        Assert.DoesNotContain((byte)0, seen);
        Assert.Equal((ulong)seen.Length, sealing.NextCounter);
    }

    [Fact]
    [Covers("SEC-071")]
    public void A_key_disposed_while_others_seal_with_it_never_seals_with_its_successors_key()
    {
        var successorSecret = new byte[32];
        for (var round = 0; round < 200; round++)
        {
            var sealing = crypto.CreateSealingKey(secret);
            var packets = new List<byte[]>();
            using var started = new ManualResetEventSlim();
            var sealer = new Thread(() => SealUntilDisposed(sealing, packets, started));
            sealer.Start();
            started.Wait();
            sealing.Dispose();

            // Takes the slot as soon as it is free.
            using var successor = crypto.CreateSealingKey(successorSecret);
            sealer.Join();
            using var opening = crypto.CreateOpeningKey(secret);
            Assert.NotEmpty(packets);
            Assert.All(packets, packet => Assert.True(opening.TryOpen(packet, out _, out _)));
        }
    }

    [Fact]
    public void A_disposed_key_refuses()
    {
        var sealing = crypto.CreateSealingKey(secret);
        var opening = crypto.CreateOpeningKey(secret);
        sealing.Dispose();
        opening.Dispose();
        sealing.Dispose();
        Assert.Throws<ObjectDisposedException>(() => sealing.Seal(Datagram(1), 1));
        Assert.Throws<ObjectDisposedException>(() => opening.TryOpen(Datagram(1), out _, out _));
        Assert.Equal(0UL, sealing.NextCounter);
    }

    [Fact]
    public void A_datagram_without_room_is_refused_before_a_counter_is_used()
    {
        using var sealing = crypto.CreateSealingKey(secret);
        Assert.Throws<ArgumentException>(() => sealing.Seal(new byte[32], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => sealing.Seal(new byte[32], -1));
        Assert.Equal(0UL, sealing.NextCounter);
    }

    [Fact]
    public void Sealing_and_opening_allocate_nothing()
    {
        using var sealing = crypto.CreateSealingKey(secret);
        using var opening = crypto.CreateOpeningKey(secret);
        var datagram = Datagram(1168);
        var forged = Datagram(1168);
        var window = new ReplayWindow(Limits.ReplayWindowBits);
        SealAndOpen(100);
        Allocations.AssertAtMost<byte>(0, default, _ => SealAndOpen(5_000));

        void SealAndOpen(int count)
        {
            for (var i = 0; i < count; i++)
            {
                sealing.Seal(datagram, 1168);
                Invariant.Check(opening.TryOpen(datagram, out var counter, out _) && window.TryAccept(counter));
                Invariant.Check(!opening.TryOpen(forged, out _, out _));
            }
        }
    }

    [Fact]
    public void Hashing_allocates_nothing_for_datagrams()
    {
        var data = new byte[Limits.DatagramSizeMax];
        var hash = new byte[32];
        Hash(10);
        Allocations.AssertAtMost<byte>(0, default, _ => Hash(1000));

        void Hash(int count)
        {
            for (var i = 0; i < count; i++)
            {
                crypto.Sha256(hash, data, hash);
                crypto.HmacSha256(secret, data, hash);
                crypto.Mac(secret, data, hash.AsSpan(0, 16));
                crypto.Hash32("prefix"u8, data, hash);
            }
        }
    }

    private static void SealUntilDisposed(ISealingKey sealing, List<byte[]> packets, ManualResetEventSlim started)
    {
        try
        {
            while (true)
            {
                var datagram = Datagram(8);
                sealing.Seal(datagram, 8);
                packets.Add(datagram);
                started.Set();
            }
        }
        catch (ObjectDisposedException)
        {
            // The end this thread was waiting for.
        }
    }

    private static byte[] Datagram(int plaintextLength)
    {
        var datagram = new byte[plaintextLength + Limits.SealOverhead];
        DataHeader.Write(datagram, ChannelMessageType.Data, 0x01020304);
        datagram.AsSpan(16, plaintextLength).Fill(0x5A);
        return datagram;
    }
}

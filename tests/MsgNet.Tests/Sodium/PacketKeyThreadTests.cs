using MsgNet.Core;
using MsgNet.Sodium;
using MsgNet.Testing;

namespace MsgNet.Tests.Sodium;

/// <summary>Keys that several threads use at once.</summary>
public sealed class PacketKeyThreadTests : IDisposable
{
    private readonly SodiumChannelCrypto crypto = ChannelVectors.Initiator();
    private readonly byte[] secret = new byte[32];

    public PacketKeyThreadTests() => new SeededRandom(3).Fill(secret);

    public void Dispose() => crypto.Dispose();

    [SkippableTheory]
    [InlineData(PacketSuite.ChaCha20Poly1305)]
    [InlineData(PacketSuite.Aes256Gcm)]
    [Covers("SEC-071")]
    public void Eight_threads_sealing_a_million_packets_each_share_no_counter(PacketSuite suite)
    {
        Require(suite);
        const int Threads = 8;
        const int Each = 1_000_000;
        using var sealing = crypto.CreateSealingKey(suite, secret);
        var seen = new byte[Threads * Each];
        var repeated = 0;
        Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, _ =>
        {
            var datagram = Datagram(8);
            for (var i = 0; i < Each; i++)
            {
                var counter = i % 1000 == 0 ? sealing.Take() : sealing.Seal(datagram, 8);
                if (Interlocked.Exchange(ref seen[counter], 1) != 0)
                    Interlocked.Increment(ref repeated);
            }
        });
        Assert.Equal(0, repeated);
        Assert.DoesNotContain((byte)0, seen);
        Assert.Equal((ulong)seen.Length, sealing.NextCounter);
    }

    [SkippableTheory]
    [InlineData(PacketSuite.ChaCha20Poly1305)]
    [InlineData(PacketSuite.Aes256Gcm)]
    [Covers("SEC-071")]
    public void A_key_disposed_while_others_seal_with_it_never_seals_with_its_successors_key(PacketSuite suite)
    {
        Require(suite);
        var successorSecret = new byte[32];
        for (var round = 0; round < 200; round++)
        {
            var sealing = crypto.CreateSealingKey(suite, secret);
            var packets = new List<byte[]>();
            using var started = new ManualResetEventSlim();
            var sealer = new Thread(() => SealUntilDisposed(sealing, packets, started));
            sealer.Start();
            started.Wait();
            sealing.Dispose();

            // Takes the slot as soon as it is free.
            using var successor = crypto.CreateSealingKey(suite, successorSecret);
            sealer.Join();
            using var opening = crypto.CreateOpeningKey(suite, secret);
            Assert.NotEmpty(packets);
            Assert.All(packets, packet => Assert.True(opening.TryOpen(packet, out _, out _)));
        }
    }

    private void Require(PacketSuite suite) =>
        Skip.IfNot(suite == PacketSuite.ChaCha20Poly1305 || crypto.HasAes256Gcm, "needs a CPU with instructions for AES");

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

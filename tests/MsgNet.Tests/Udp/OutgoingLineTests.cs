using MsgNet.Core;
using MsgNet.Platform;
using MsgNet.Sodium;
using MsgNet.Testing;

namespace MsgNet.Tests.Udp;

/// <summary>Batches that threads seal and send at the same time.</summary>
public sealed class OutgoingLineTests : IDisposable
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(20);
    private static readonly NetAddress Somewhere = new(0, 0xFFFF_7F00_0001, 4001, 0, 0);
    private readonly Identity identity = Identity.Generate();
    private readonly SodiumChannelCrypto crypto;
    private readonly UdpNode node;
    private readonly OutgoingLine line;

    public OutgoingLineTests()
    {
        crypto = new SodiumChannelCrypto(identity, SystemRandom.Instance);
        node = new UdpNode(crypto, SystemRandom.Instance, new ProtocolRegistry(), new UdpNodeSettings
        {
            UnixMicrosecondsAtZero = 0, StartedAt = Instant.Zero, IdentityIsFresh = true,
        });
        line = new OutgoingLine(node);
    }

    public void Dispose()
    {
        node.Dispose();
        crypto.Dispose();
        identity.Dispose();
    }

    [Fact]
    [Covers("API-234")]
    public void There_are_so_many_batches_and_they_are_used_again()
    {
        var all = Enumerable.Range(0, Limits.OutgoingBatchesMax).Select(_ => Rent()).ToArray();
        Assert.False(line.TryRent(out _));
        Assert.False(line.TryTakeBack());
        foreach (var batch in all)
            line.Add(batch);
        all[3].Deliver();
        Assert.True(line.TryTakeBack());
        Assert.False(line.TryTakeBack());
        Assert.Same(all[3], Rent());
        Assert.False(all[3].IsSent);
        Assert.False(line.TryRent(out _));
    }

    [Fact]
    [Covers("API-234")]
    public void What_is_not_delivered_keeps_its_peers_from_being_written_to()
    {
        using var other = Identity.Generate();
        Assert.True(node.TryGetPeer(Instant.Zero, other.Id, out var peer));
        var batch = Rent();
        batch.Add(Somewhere, 10, null, peer);
        Assert.False(peer.IsPaused);
        line.Add(batch);
        Assert.True(peer.IsPaused);
        Assert.False(line.TryTakeBack());
        batch.Deliver();
        Assert.True(peer.IsPaused);
        Assert.True(line.TryTakeBack());
        Assert.False(peer.IsPaused);
        Assert.True(batch.IsEmpty);
    }

    [Fact]
    [Covers("API-234")]
    public void The_end_waits_for_what_is_under_way()
    {
        line.WaitUntilSent();
        using var port = new HeldPort();
        var batch = Rent();
        batch.Add(Somewhere, 10, port, null);
        line.Add(batch);
        var sending = new Thread(batch.Deliver);
        sending.Start();
        Assert.True(port.Held.Wait(Guard));
        var ending = new Thread(line.WaitUntilSent);
        ending.Start();
        Assert.False(ending.Join(50));
        port.Released.Set();
        Assert.True(ending.Join(Guard));
        Assert.True(sending.Join(Guard));
    }

    [Fact]
    [Covers("API-234")]
    public void A_batch_that_fails_counts_as_sent()
    {
        using var port = new HeldPort { Fails = true };
        var batch = Rent();
        batch.Add(Somewhere, 10, port, null);
        line.Add(batch);
        Assert.Throws<InvalidTimeZoneException>(batch.Deliver);
        line.WaitUntilSent();
        Assert.True(line.TryTakeBack());
    }

    private OutgoingBatch Rent()
    {
        Assert.True(line.TryRent(out var batch));
        return batch;
    }

    private sealed class HeldPort : IDatagramPort
    {
        public ManualResetEventSlim Held { get; } = new();

        public ManualResetEventSlim Released { get; } = new();

        public bool Fails { get; init; }

        public NetAddress Local => Somewhere;

        public void Start(IDatagramReceiver receiver)
        {
        }

        public void Send(in NetAddress to, ReadOnlySpan<byte> datagrams, int segmentSize)
        {
            if (Fails)
                throw new InvalidTimeZoneException();
            Held.Set();
            Assert.True(Released.Wait(Guard));
        }

        public void Dispose()
        {
            Held.Dispose();
            Released.Dispose();
        }
    }
}

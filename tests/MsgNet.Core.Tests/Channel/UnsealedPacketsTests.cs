using MsgNet.Testing;

namespace MsgNet.Core.Tests.Channel;

/// <summary>Whatever happens while packets are sealed, no counter is used twice and no key kept.</summary>
public sealed class UnsealedPacketsTests : IDisposable
{
    private readonly UnsealedPackets unsealed = new();
    private readonly byte[] buffer = new byte[4096];
    private readonly FailingKey first = new();
    private readonly FailingKey second = new();

    public void Dispose()
    {
        first.Dispose();
        second.Dispose();
    }

    [Fact]
    [Covers("SEC-071")]
    public void What_could_not_be_sealed_never_comes_again()
    {
        unsealed.Add(first, first.Take(), 0, 100);
        unsealed.Add(second, second.Take(), 200, 100);
        unsealed.Add(first, first.Take(), 400, 100);
        Assert.Equal((2, 1), (first.Lent, second.Lent));
        second.Fails = true;
        Assert.Throws<InsufficientMemoryException>(() => unsealed.Seal(buffer));
        Assert.Equal((0, 0), (first.Lent, second.Lent));

        second.Fails = false;
        unsealed.Add(second, second.Take(), 0, 500);
        unsealed.Seal(buffer);
        Assert.Equal([0UL], first.Sealed);
        Assert.Equal([1UL], second.Sealed);
        Assert.Equal((0, 0), (first.Lent, second.Lent));
    }

    [Fact]
    [Covers("SEC-071")]
    public void What_is_given_up_gives_back_its_keys()
    {
        unsealed.Add(first, first.Take(), 0, 100);
        unsealed.Add(first, first.Take(), 200, 100);
        unsealed.Add(second, second.Take(), 400, 100);
        Assert.Equal((1, 1), (first.Lent, second.Lent));
        unsealed.Discard();
        Assert.Equal(0, unsealed.Count);
        Assert.Equal((0, 0), (first.Lent, second.Lent));
        unsealed.Seal(buffer);
        Assert.Empty(first.Sealed);
    }

    private sealed class FailingKey : ISealingKey
    {
        public bool Fails { get; set; }

        public int Lent { get; private set; }

        public List<ulong> Sealed { get; } = [];

        public ulong NextCounter { get; private set; }

        public ulong Seal(Span<byte> datagram, int plaintextLength) => throw new NotSupportedException();

        public void Seal(Span<byte> datagram, int plaintextLength, ulong counter)
        {
            if (Fails)
                throw new InsufficientMemoryException();

            Sealed.Add(counter);
        }

        public ulong Take() => NextCounter++;

        public void Lend() => Lent++;

        public void Return() => Lent--;

        public void Dispose()
        {
        }
    }
}

using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Tests;

/// <summary>Passes everything on, and has the test see when a packet is opened.</summary>
internal sealed class WatchedCrypto(IChannelCrypto inner) : WrappedCrypto(inner), IDisposable
{
    private int lent;

    /// <summary>Called before each packet that is opened ahead of the machine, by the thread that does it.</summary>
    public Action? Opening { get; set; }

    /// <summary>Keys of packets that are lent at this moment.</summary>
    public int Lent => lent;

    public override IOpeningKey CreateOpeningKey(PacketSuite suite, ReadOnlySpan<byte> key32) =>
        new WatchedKey(this, base.CreateOpeningKey(suite, key32));

    public void Dispose() => (Inner as IDisposable)?.Dispose();

    private sealed class WatchedKey(WatchedCrypto crypto, IOpeningKey key) : IOpeningKey
    {
        public bool TryOpen(Span<byte> datagram, out ulong counter, out int plaintextLength) =>
            key.TryOpen(datagram, out counter, out plaintextLength);

        public bool TryOpenLent(Span<byte> datagram, out ulong counter, out int plaintextLength)
        {
            crypto.Opening?.Invoke();
            return key.TryOpenLent(datagram, out counter, out plaintextLength);
        }

        public void Lend()
        {
            key.Lend();
            Interlocked.Increment(ref crypto.lent);
        }

        public void Return()
        {
            Interlocked.Decrement(ref crypto.lent);
            key.Return();
        }

        public void Dispose() => key.Dispose();
    }
}

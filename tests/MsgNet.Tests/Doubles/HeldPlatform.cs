using System.Collections.Concurrent;
using System.Net;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Tests;

/// <summary>The operating system, but one call that sends is held up, on the thread that makes it, and may fail then.</summary>
internal sealed class HeldPlatform : WrappedPlatform, IDisposable
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(20);
    private readonly ManualResetEventSlim held = new();
    private readonly ManualResetEventSlim released = new();
    private int holds;

    /// <summary>The first of each call that has sent, in order.</summary>
    public ConcurrentQueue<ChannelMessageType> Sent { get; } = [];

    /// <summary>The call that is held up throws instead of sending.</summary>
    public bool Fails { get; set; }

    /// <summary>The next call is held up.</summary>
    public void Hold()
    {
        Sent.Clear();
        holds = 1;
    }

    public void WaitUntilHeld() => Assert.True(held.Wait(Guard));

    public void Release() => released.Set();

    public override IDatagramPort OpenPort(IPAddress address, int port, int localPort, DatagramPortSettings settings) =>
        new Port(this, base.OpenPort(address, port, localPort, settings));

    public void Dispose()
    {
        held.Dispose();
        released.Dispose();
    }

    private sealed class Port(HeldPlatform platform, IDatagramPort inner) : IDatagramPort
    {
        public NetAddress Local => inner.Local;

        public void Start(IDatagramReceiver receiver) => inner.Start(receiver);

        public void Send(in NetAddress to, ReadOnlySpan<byte> datagrams, int segmentSize)
        {
            if (Interlocked.Exchange(ref platform.holds, 0) == 1)
            {
                platform.held.Set();
                Assert.True(platform.released.Wait(Guard));
                if (platform.Fails)
                    throw new InsufficientMemoryException();
            }

            platform.Sent.Enqueue((ChannelMessageType)datagrams[0]);
            inner.Send(to, datagrams, segmentSize);
        }

        public void Dispose() => inner.Dispose();
    }
}

using System.Net;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Tests;

/// <summary>The operating system, with a record of the runs that were sent, and hands that can hold back what arrives.</summary>
internal sealed class RunPlatform : WrappedPlatform
{
    private readonly List<Receiver> receivers = [];
    private readonly Instant made = SystemPlatform.Instance.Now;
    private bool holds;

    /// <summary>Its time stands still: nothing is ever late, and no timer runs.</summary>
    public bool StandsStill { get; init; }

    public override Instant Now => StandsStill ? made : base.Now;

    /// <summary>Calls that sent something: how many datagrams each, and of which size. Locked by itself.</summary>
    public List<(int Datagrams, int SegmentSize)> Sent { get; } = [];

    /// <summary>Called before each call that sends, by the thread that makes it.</summary>
    public Action? Sending { get; set; }

    /// <summary>Datagrams sent so far.</summary>
    public int DatagramsSent
    {
        get
        {
            lock (Sent)
                return Sent.Sum(call => call.Datagrams);
        }
    }

    /// <summary>Datagrams held back.</summary>
    public int Held => receivers.Sum(receiver => receiver.Count);

    /// <summary>From now on, what arrives is kept, also at ports that are opened later.</summary>
    public void Hold()
    {
        holds = true;
        receivers.ForEach(receiver => receiver.Hold());
    }

    /// <summary>Hands over what was kept, as few runs in one batch.</summary>
    public void Release()
    {
        holds = false;
        receivers.ForEach(receiver => receiver.Release());
    }

    public override IPlatformTimer CreateTimer(Action callback) => base.CreateTimer(StandsStill ? static () => { } : callback);

    public override IDatagramPort OpenPort(IPAddress address, int port, int localPort, DatagramPortSettings settings) =>
        new Port(this, base.OpenPort(address, port, localPort, settings));

    private sealed class Port(RunPlatform platform, IDatagramPort inner) : IDatagramPort
    {
        public NetAddress Local => inner.Local;

        public void Start(IDatagramReceiver receiver)
        {
            var holding = new Receiver(receiver);
            if (platform.holds)
                holding.Hold();
            platform.receivers.Add(holding);
            inner.Start(holding);
        }

        public void Send(in NetAddress to, ReadOnlySpan<byte> datagrams, int segmentSize)
        {
            platform.Sending?.Invoke();
            lock (platform.Sent)
                platform.Sent.Add((new DatagramRun(datagrams.Length, segmentSize).Count, segmentSize));
            inner.Send(to, datagrams, segmentSize);
        }

        public void Dispose() => inner.Dispose();
    }

    private sealed class Receiver(IDatagramReceiver inner) : IDatagramReceiver
    {
        private readonly List<(NetAddress From, byte[] Data)> held = [];
        private bool holds;

        public int Count
        {
            get
            {
                lock (held)
                    return held.Count;
            }
        }

        public void Hold()
        {
            lock (held)
                holds = true;
        }

        public void Release()
        {
            (NetAddress From, byte[] Data)[] all;
            lock (held)
            {
                holds = false;
                all = [.. held];
                held.Clear();
            }

            for (var start = 0; start < all.Length;)
            {
                var (from, first) = all[start];
                var run = all[start..].TakeWhile(one => one.From == from && one.Data.Length == first.Length).ToArray();
                lock (inner) // the port's thread may be in it; no handler may close the host meanwhile
                    inner.OnDatagrams(from, run.SelectMany(one => one.Data).ToArray(), first.Length);
                start += run.Length;
            }

            inner.OnBatchEnd();
        }

        public void OnDatagrams(ReadOnlySpan<ReceivedRun> runs)
        {
            lock (held)
            {
                var received = new ReceivedDatagrams(runs);
                while (holds && received.TryNext(out var datagram))
                    held.Add((received.From, datagram.ToArray()));
                if (holds)
                    return;
            }

            lock (inner)
                inner.OnDatagrams(runs);
        }

        public void OnBatchEnd() => inner.OnBatchEnd();
    }
}

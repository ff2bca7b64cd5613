using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MsgNet.Core;
using MsgNet.LoadBench.Nodes;

namespace MsgNet.LoadBench.Contestants;

/// <summary>
/// One host of MsgNet that sends to many peers in turn, each message in a datagram of its own. The peers are machines without hosts behind
/// one socket: a thread for each would measure the system. One peer or many, each datagram is a call: no runs. Linux.
/// </summary>
internal sealed class MsgNetCrowd(int peers) : IContestant
{
    private static readonly SendOptions Apart = new() { Coalesce = false };
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    public string Name => peers == 1 ? "MsgNet, 1 peer" : $"MsgNet, {peers} peers";

    public string? Missing => OperatingSystem.IsLinux() ? null : "the peers share a socket as only Linux lets them";

    public bool IsForLinks => false;

    public bool CanDo(LoadWork work) => work.Kind == LoadKind.OneWay;

    public Task<IListener> Listen(LoadWork work) => Task.FromResult<IListener>(new Listener(peers));

    public async Task<ICaller> Connect(LoadWork work, Target target)
    {
        var host = await MessageHost.Start(new MsgNetOptions { SegmentationOffload = false });
        var sessions = target.Credential.Split(' ').Select((id, i) => Open(host, PeerId.Parse(id), i, target.Port)).ToArray();
        var message = new byte[work.Size];
        var begin = Stopwatch.GetTimestamp();
        foreach (var few in sessions.Chunk(SwarmSocket.BatchLength))
        {
            foreach (var session in few)
                session.TrySend(message);
            while (few.Any(session => !host.Network.HasSession(session.Remote.Id)))
            {
                if (Stopwatch.GetElapsedTime(begin) > Patience)
                    throw new TimeoutException($"The {peers} peers did not all answer within {Patience.TotalSeconds:0} s.");
                await Task.Delay(1);
            }
        }

        return new Caller(host, sessions, message);
    }

    private static ISocketSession Open(MessageHost host, PeerId peer, int index, int port)
    {
        host.Network.Peerstore.AddAddress(peer, Multiaddress.Parse($"/ip4/{SwarmSocket.AddressOf(index)}/udp/{port}"));
        return host.OpenSession(peer, BareNode.Protocol, Apart);
    }

    private sealed class Listener : IListener
    {
        private const int PatienceMilliseconds = 5;
        private readonly SwarmSocket socket = new();
        private readonly BareNode[] nodes;
        private readonly byte[][] callers;
        private readonly byte[] outgoing = new byte[Limits.DatagramSizeMax];
        private readonly LoopThread thread;
        private Count received;
        private int nextTimer;

        public Listener(int peers)
        {
            nodes = [.. Enumerable.Range(0, peers).Select(i => new BareNode(NetAddress.From(SwarmSocket.AddressOf(i), socket.Port, 0)))];
            callers = new byte[peers][];
            Target = new Target(socket.Port, string.Join(' ', nodes.Select(node => node.Id)));
            thread = new LoopThread("swarm", Run);
        }

        public Target Target { get; }

        public long Received => received.Value;

        public ValueTask DisposeAsync()
        {
            thread.Dispose();
            socket.Dispose();
            foreach (var node in nodes)
                node.Dispose();
            return ValueTask.CompletedTask;
        }

        private static Instant Now() => new(Stopwatch.GetElapsedTime(0).Ticks);

        private void Run(CancellationToken stop)
        {
            while (!stop.IsCancellationRequested)
            {
                var count = socket.Receive(PatienceMilliseconds);
                var now = Now();
                for (var i = 0; i < count; i++)
                    Take(now, i);

                // All of them are seen within some milliseconds, and few at a time while there is much to receive.
                for (var turns = Math.Min(nodes.Length, count > 0 ? SwarmSocket.BatchLength : nodes.Length); turns > 0; turns--)
                    LookAtTimer(now);
            }
        }

        private void Take(Instant now, int i)
        {
            var index = socket.PeerOf(i);
            if ((uint)index >= (uint)nodes.Length)
                return;

            var node = nodes[index];
            var before = node.Received;
            var caller = callers[index] ??= socket.From(i).ToArray();
            node.OnDatagram(now, AddressIn(socket.From(i)), socket.Datagram(i));
            received.Add(node.Received - before);
            Write(now, index, caller);
        }

        private void LookAtTimer(Instant now)
        {
            nextTimer = (nextTimer + 1) % nodes.Length;
            if (nodes[nextTimer].Node.NextTimer > now || callers[nextTimer] is not { } caller)
                return;

            nodes[nextTimer].OnTimer(now);
            Write(now, nextTimer, caller);
        }

        private void Write(Instant now, int index, byte[] caller)
        {
            var writer = new DatagramWriter(outgoing);
            while (nodes[index].Node.WriteDatagram(now, ref writer))
                socket.Send(index, caller, outgoing.AsSpan(0, writer.Length));
        }

        // struct sockaddr_in: family, port, IPv4 address.
        private static NetAddress AddressIn(ReadOnlySpan<byte> address)
        {
            Span<byte> mapped = stackalloc byte[16];
            mapped.Clear();
            mapped[10] = mapped[11] = 0xFF;
            address.Slice(4, 4).CopyTo(mapped[12..]);
            return NetAddress.FromWire(mapped, BinaryPrimitives.ReadUInt16BigEndian(address[2..]), 0);
        }
    }

    private sealed class Caller(MessageHost host, ISocketSession[] sessions, byte[] message) : ICaller
    {
        private const int WaitingMin = 1_024;
        private const int WaitingEach = 4;

        private readonly NodeCounters counters = host.Diagnostics.Readings!.Counters!;
        private readonly int waitingMax = Math.Max(WaitingMin, WaitingEach * sessions.Length);

        // What left, a message a datagram.
        public long Sent => counters.DatagramsSent;

        // A host takes 2,048 messages for each peer whose window is shut, and drops them later: who sends on would measure that.
        public Task Send(CancellationToken stop)
        {
            var taken = Settled;
            while (!stop.IsCancellationRequested)
            {
                foreach (var session in sessions)
                {
                    if (stop.IsCancellationRequested)
                        break;

                    taken += session.TrySend(message) ? 1 : 0;
                }

                while (taken - Settled > waitingMax && !stop.IsCancellationRequested)
                    Thread.Sleep(1);
            }

            return Task.CompletedTask;
        }

        public Task Ask(RoundTrips times, CancellationToken stop) => throw new NotSupportedException("It only sends.");

        public ValueTask DisposeAsync() => host.Close(TimeSpan.Zero);

        private long Settled => counters.DatagramsSent + counters.Dropped(DropReason.Stale);
    }
}

using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Tests.Host;

/// <summary>
/// The real thread pool, many reliable carriers, a queue that is full all the time: nothing is lost, doubled, reordered or stuck.
/// </summary>
public sealed class HandlerConcurrencyTests
{
    private const int PeerCount = 24;
    private const int MessagesPerPeer = 2_000;
    private static readonly ProtocolId Protocol = "/stress/1";
    private readonly Gate gate = new();
    private readonly HandlerTable table;
    private readonly ConcurrentQueue<string> faults = [];
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<PeerId, Carrier> carriers;
    private int handled;

    public HandlerConcurrencyTests()
    {
        table = new HandlerTable(
            new HostDiagnostics(SystemPlatform.Instance, NullLogger.Instance, meter: null),
            new ProtocolRegistry(),
            gate,
            NullLogger.Instance,
            poisonReturnedBuffers: true);
        carriers = Enumerable.Range(1, PeerCount).Select(HandlerRig.Peer).ToDictionary(peer => peer, peer => new Carrier(this, peer));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Every_message_is_handled_once_and_in_order(int concurrency)
    {
        table.SetMessageHandler(Protocol, Handle, new HandlerOptions { Concurrency = concurrency });
        var producers = carriers.Values.Select(carrier => Task.Run(carrier.Offer)).ToArray();
        await Task.WhenAll(producers);

        // Only a watchdog: what has not ended by then never will.
        await done.Task.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Empty(faults);
        Assert.Equal(PeerCount * MessagesPerPeer, table.Counters.Taken);
        Assert.True(table.Counters.Busy > 0);
        Assert.Equal(0, table.Counters.Failed);
    }

    private async ValueTask Handle(Message message, CancellationToken cancellationToken)
    {
        var carrier = carriers[message.From];
        if (Interlocked.Increment(ref carrier.Calls) != 1)
            faults.Enqueue("Two calls for one peer at once.");
        var number = BitConverter.ToInt32(message.Data.Span);
        if (number % 7 == 0)
            await Task.Yield();
        if (number != carrier.Expected++ || number != BitConverter.ToInt32(message.Data.Span))
            faults.Enqueue($"Message {number} out of order, or its bytes changed.");
        Interlocked.Decrement(ref carrier.Calls);
        if (Interlocked.Increment(ref handled) == PeerCount * MessagesPerPeer)
            done.SetResult();
    }

    private sealed class Carrier(HandlerConcurrencyTests test, PeerId peer) : ICarrierInbox
    {
        private int next;

        public int Calls;

        public int Expected { get; set; }

        public void Offer()
        {
            using (test.gate.Enter())
            {
                for (; next < MessagesPerPeer; next++)
                {
                    var message = new IncomingMessage
                    {
                        From = peer,
                        Protocol = Protocol,
                        Data = BitConverter.GetBytes(next),
                        Delivery = Delivery.ReliableOrdered,
                        Inbox = this,
                    };
                    if (test.table.ConsumerOf(Protocol)?.Offer(message) != SinkResult.Taken)
                        return;
                }
            }
        }

        public void OnRoom(ProtocolId protocol) => Offer();

        public void OnHandled(ReadOnlySpan<ulong> tokens)
        {
        }

        public void AfterHandled()
        {
        }

        public void OnDropped(ulong token)
        {
        }
    }
}

using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// What one port of the host receives: keys are looked up under the host's gate, datagrams are opened outside of it, and the machine takes
/// them under it. All of it on the port's thread.
/// </summary>
internal sealed class UdpArrivals(UdpEndpoints endpoints, IDatagramPort port) : IDatagramReceiver
{
    [ThreadStatic]
    private static UdpEndpoints? taking;
    private readonly TransportContext context = endpoints.Context;
    private readonly UnopenedPackets packets = new();
    private int taken;

    /// <summary>
    /// This thread is taking datagrams for those: what their handlers send leaves together, at the end of the batch (API-226).
    /// </summary>
    public static bool IsTakingFor(UdpEndpoints endpoints) => taking == endpoints;

    /// <inheritdoc/>
    public void OnDatagrams(ReadOnlySpan<ReceivedRun> runs)
    {
        try
        {
            LookUp(runs);
            Open(runs);
            taking = endpoints;
            taken = 0;
            var left = new ReceivedDatagrams(runs);
            do
            {
                if (Take(ref left))
                    context.Sink.MakeInlineCalls();
            }
            while (!left.IsEnded);
        }
        finally
        {
            taking = null;
            packets.Clear();
        }
    }

    /// <inheritdoc/>
    public void OnBatchEnd() => endpoints.OnBatchEnd();

    private void LookUp(ReadOnlySpan<ReceivedRun> runs)
    {
        using (context.Gate.Enter())
        {
            var all = new ReceivedDatagrams(runs);
            while (all.TryNext(out var datagram))
                endpoints.Node.LookUp(datagram, packets);
        }
    }

    private void Open(ReadOnlySpan<ReceivedRun> runs) // API-234
    {
        var all = new ReceivedDatagrams(runs);
        while (all.TryNext(out var datagram))
            packets.OpenNext(datagram);
    }

    // No further than to where a batch of inline calls is half full: what one datagram holds fits the other half, what a run holds may not.
    // Nor further than a datagram without a key: a handshake takes longer than others should wait for. True when there are calls to make;
    // they are begun under the same lock, which then need not be taken for it.
    private bool Take(ref ReceivedDatagrams left) // API-203
    {
        using (context.Gate.Enter())
        {
            var now = endpoints.Now;
            var goesOn = true;
            while (goesOn && left.TryNext(out var datagram))
            {
                ref readonly var opened = ref packets[taken++];
                if (!endpoints.IsOpen(port))
                    continue;

                endpoints.Node.OnDatagram(now, left.From, datagram, opened, endpoints.Events.List);
                endpoints.Events.Handle(now, datagram);
                goesOn = opened.HasKey && !context.Sink.WantsToRunInline;
            }

            return context.Sink.TryBeginInlineCalls();
        }
    }
}

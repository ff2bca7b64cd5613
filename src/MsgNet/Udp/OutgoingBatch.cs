using System.Runtime.InteropServices;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// Datagrams on their way to the system. They are packed under the gate, each behind the one before, none is copied; then sealed and handed
/// over outside of it, in runs (see <see cref="DatagramRun"/>): those of one run go to one address and are of one size, but for a shorter
/// one at its end.
/// </summary>
/// <remarks>One thread at a time: the one that packs, then the one that delivers, then again one under the gate.</remarks>
internal sealed class OutgoingBatch
{
    private readonly byte[] buffer = GC.AllocateUninitializedArray<byte>(Limits.RunBytesMax + Limits.DatagramSizeMax, pinned: true);
    private readonly List<Run> runs = [];
    private readonly List<PeerChannel> peers = [];
    private readonly UnsealedPackets unsealed = new();
    private int end;
    private int datagrams;
    private volatile bool isSent;

    public OutgoingBatch() => Delivery = Deliver;

    /// <summary><see cref="Deliver"/>.</summary>
    public Action Delivery { get; }

    /// <summary>It was delivered. On any thread.</summary>
    public bool IsSent => isSent;

    public bool IsEmpty => datagrams == 0;

    /// <summary>It is to leave: no datagram has room behind the last, or none in the same call.</summary>
    public bool IsFull => datagrams == Limits.RunDatagramsMax
        || buffer.Length - end < Limits.DatagramSizeMax
        || (runs.Count > 0 && runs[^1].IsFull);

    /// <summary>Bytes of each datagram of the newest run, but its last; 0 when there is none.</summary>
    public int SegmentSize => runs.Count == 0 ? 0 : runs[^1].SegmentSize;

    /// <summary>Runs of datagrams, in the order they were added.</summary>
    public ReadOnlySpan<Run> Runs => CollectionsMarshal.AsSpan(runs);

    /// <summary>The peers that the datagrams go to.</summary>
    public ReadOnlySpan<PeerChannel> Peers => CollectionsMarshal.AsSpan(peers);

    /// <summary>For the next datagram: room for one of any size.</summary>
    /// <param name="previousLength"><see cref="DatagramWriter.PreviousLength"/>.</param>
    public DatagramWriter Next(int previousLength) =>
        new(buffer.AsSpan(end)) { PreviousLength = previousLength, Unsealed = unsealed, Start = end };

    /// <summary>Takes the datagram that was written to <see cref="Next"/>.</summary>
    /// <param name="to">Where it goes.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="port">Through which port; null: through none, it is lost.</param>
    /// <param name="peer">Whose it is; null: nobody's.</param>
    public void Add(in NetAddress to, int length, IDatagramPort? port, PeerChannel? peer) // API-201
    {
        if (peer is not null && (peers.Count == 0 || peers[^1] != peer))
            peers.Add(peer);
        if (runs.Count > 0 && runs[^1].Takes(to, length))
            CollectionsMarshal.AsSpan(runs)[^1].Length += length;
        else
            runs.Add(new Run { To = to, Port = port, Start = end, Length = length, SegmentSize = length });

        end += length;
        datagrams++;
    }

    /// <summary>The bytes of a run.</summary>
    public ReadOnlySpan<byte> BytesOf(in Run run) => buffer.AsSpan(run.Start, run.Length);

    /// <summary>Seals the datagrams and hands them over. Outside the gate; on any thread, once.</summary>
    public void Deliver()
    {
        try
        {
            unsealed.Seal(buffer);
            foreach (ref readonly var run in Runs)
                run.Port?.Send(run.To, BytesOf(run), run.SegmentSize);
        }
        finally
        {
            isSent = true;
        }
    }

    /// <summary>Everything has left, or is given up: empty again.</summary>
    public void Clear()
    {
        unsealed.Discard();
        runs.Clear();
        peers.Clear();
        end = 0;
        datagrams = 0;
        isSent = false;
    }

    /// <summary>Datagrams that leave in one call.</summary>
    internal record struct Run
    {
        /// <summary>Where all of them go.</summary>
        public required NetAddress To { get; init; }

        /// <summary>Through which port; null: through none.</summary>
        public required IDatagramPort? Port { get; init; }

        /// <summary>Where they begin in the buffer.</summary>
        public required int Start { get; init; }

        /// <summary>Bytes of all of them.</summary>
        public required int Length { get; set; }

        /// <summary>Bytes of each but the last.</summary>
        public required int SegmentSize { get; init; }

        /// <summary>Another of its size is more than one call takes.</summary>
        public readonly bool IsFull => Length + SegmentSize > Limits.RunBytesMax;

        /// <summary>True for a datagram that can follow: none does behind a shorter one, or beyond what one call takes.</summary>
        public readonly bool Takes(in NetAddress to, int length) =>
            length <= SegmentSize
            && Length % SegmentSize == 0
            && !IsFull
            && to == To;
    }
}

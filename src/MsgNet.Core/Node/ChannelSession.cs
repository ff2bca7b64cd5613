namespace MsgNet.Core;

/// <summary>
/// One set of keys between two peers: what a handshake made. Counts and replay belong to it; RTT and congestion to its path.
/// </summary>
internal sealed class ChannelSession : IDisposable
{
    // A REPORT of one range with every number at its longest, and its length.
    private const int ReportFrameMax = 40;

    private readonly IRandom random;
    private readonly TimeSpan renewAfter;
    private ReplayWindow replay = new(Limits.ReplayWindowBits);
    private ReceivedPackets received = new();
    private ulong nextSkip;

    public ChannelSession(
        PeerChannel peer, PeerPath path, SessionKeys keys, uint localIndex, uint remoteIndex, bool isInitiator, IRandom random, Instant now)
    {
        this.random = random;
        Keys = keys;
        Sealing = keys.Sealing;
        Opening = keys.Opening;
        Suite = keys.Suite;
        Peer = peer;
        Path = path;
        Heard = new Arrival(path.Address, 0);
        LocalIndex = localIndex;
        RemoteIndex = remoteIndex;
        CreatedAt = now;
        LastUsedAt = now;
        RemoteIncarnation = peer.RequireAssociation().RemoteIncarnation;
        IsInitiator = isInitiator;
        IsConfirmed = isInitiator;
        ConfirmPending = isInitiator;
        nextSkip = NextSkip(0);
        renewAfter = isInitiator
            ? NodeTimings.KeysRenewByInitiator
            : NodeTimings.KeysRenewByResponder + (NodeTimings.KeysRenewJitter * (localIndex / (double)uint.MaxValue));
        path.Recovery.AddKey(RemoteIndex);
    }

    public PeerChannel Peer { get; }

    public PeerPath Path { get; }

    /// <summary>The newest packet that opened.</summary>
    public Arrival Heard { get; private set; }

    public uint LocalIndex { get; }

    public uint RemoteIndex { get; }

    public SessionKeys Keys { get; }

    // Every packet wants these, and of the keys nothing else.
    public ISealingKey Sealing { get; }

    public IOpeningKey Opening { get; }

    public PacketSuite Suite { get; }

    public ref ReplayWindow Replay => ref replay;

    public ref ReceivedPackets Received => ref received;

    public Instant CreatedAt { get; private set; }

    /// <summary>When new keys are due, if these are in use (SEC-079).</summary>
    public Instant RekeyAt => CreatedAt + renewAfter;

    /// <summary>A handshake was started to replace these keys.</summary>
    public bool WasRekeyTried { get; set; }

    /// <summary>Packets that named this session and did not open (SEC-080).</summary>
    public long Forgeries { get; set; }

    /// <summary>Set once this side has sent CLOSE: the peer is forgotten, the keys only repeat that.</summary>
    public DrainingSession? Drain { get; set; }

    public Instant LastUsedAt { get; private set; }

    /// <summary>The life of the peer that has the other end.</summary>
    public ulong RemoteIncarnation { get; }

    /// <summary>This side opened it.</summary>
    public bool IsInitiator { get; }

    /// <summary>The other side has proven that it holds the keys.</summary>
    public bool IsConfirmed { get; private set; }

    /// <summary>The peer's address has shown that it receives what goes there.</summary>
    public bool IsAddressProven { get; private set; }

    /// <summary>A packet of the peer has opened: it has these keys too.</summary>
    public bool HasReceived { get; private set; }

    /// <summary>The initiator owes a first DATA, empty if need be (SEC-038), or one that asks for an answer.</summary>
    public bool ConfirmPending { get; set; }

    /// <summary>
    /// When an initiator that has not heard a packet yet asks for one: if its first DATA was lost the responder forgets the session.
    /// </summary>
    public Instant ConfirmDue { get; private set; } = Instant.Never;

    /// <summary>Packets sealed before the peer was heard.</summary>
    public int SendsUnheard { get; private set; }

    /// <summary>Keys wiped; the object is only a memory of itself.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>The responder's ACK, kept until the session is confirmed (SEC-051); null on the initiator's side.</summary>
    public byte[]? StoredAck { get; set; }

    /// <summary>Whether <see cref="StoredAck"/> is to be sent (again).</summary>
    public bool AckPending { get; set; }

    /// <summary>Its place in the responder's list of unconfirmed sessions; null when it is not one.</summary>
    public LinkedListNode<ChannelSession>? HalfOpenNode { get; set; }

    /// <summary>
    /// What the HELLO of these keys carried of lanes, until the peer was heard under them; empty on the responder's side.
    /// </summary>
    public PacketItem[] FirstFlight { get; set; } = [];

    /// <summary>The attempt whose HELLO was answered; 0 on the initiator's side.</summary>
    public ulong AttemptTimestamp { get; init; }

    /// <summary>The first flight of a life of the peer that is not proven yet; null for all other sessions.</summary>
    public HeldFlight? Held { get; set; }

    /// <summary>The first flight of a peer that the driver has not accepted: until then it gets no ACK (SEC-067). Otherwise null.</summary>
    public HeldFlight? Withheld { get; set; }

    /// <summary>What may still come as EARLY; null when nothing may.</summary>
    public EarlyInbox? Early { get; set; }

    /// <summary>When nothing may any more, as far as that is known.</summary>
    public Instant EarlyUntil => Early?.Window.ClosesAt ?? Instant.Never;

    /// <summary>Bytes received from the unproven address, and sent to it: sent ≤ 3 × received until confirmed (SEC-081).</summary>
    public long LedgerReceived { get; set; }

    /// <summary>Bytes sent to the unproven address.</summary>
    public long LedgerSent { get; set; }

    /// <summary>Bytes that may go to the address now.</summary>
    public long LedgerRoom => IsAddressProven ? long.MaxValue : (LedgerReceived * Limits.AmplificationFactor) - LedgerSent;

    /// <summary>False while so little may go to the address that not even a REPORT fits.</summary>
    public bool MayWrite => LedgerRoom >= Limits.SealOverhead + ReportFrameMax;

    /// <summary>The other side used the keys, from wherever: the handshake is complete (SEC-063).</summary>
    public void Confirm()
    {
        IsConfirmed = true;
        StoredAck = null;
        AckPending = false;
    }

    /// <summary>Time passed that the monotonic clock did not see (SEC-068).</summary>
    public void MakeOlder(TimeSpan by) => CreatedAt -= by;

    /// <summary>
    /// A packet opened that came from the address of the handshake, or an ACK from where its HELLO went: nobody else's host was named there
    /// (SEC-081).
    /// </summary>
    public void ProveAddress() => IsAddressProven = true;

    /// <summary>A packet opened.</summary>
    public void OnOpened(Instant now, in Arrival heard)
    {
        Heard = heard;
        LastUsedAt = now;
        HasReceived = true;
        ConfirmDue = Instant.Never;
    }

    /// <summary>
    /// Seals the frames that stand at [16, 16 + <paramref name="length"/>) and accounts for the packet and what it carries of lanes;
    /// returns the datagram's length.
    /// </summary>
    public int Seal(
        Instant now, in DatagramWriter writer, int length, bool eliciting, bool appLimited, ReadOnlySpan<PacketItem> carried)
    {
        var size = SealNext(now, writer, length, eliciting, appLimited, carried);
        LedgerSent += size;
        return size;
    }

    /// <summary>
    /// Seals an F1 or F2 that goes to an address of its own ledger, or whose loss says nothing: neither in flight nor paced (REC-043).
    /// </summary>
    public int SealProbe(Instant now, in DatagramWriter writer, int length) =>
        SealNext(now, writer, length, eliciting: false, appLimited: true, []);

    public void Dispose()
    {
        if (IsDisposed)
            return;

        IsDisposed = true;
        StoredAck = null;
        Keys.Dispose();
        Path.Recovery.RemoveKey(RemoteIndex);
    }

    private int SealNext(
        Instant now, in DatagramWriter writer, int length, bool eliciting, bool appLimited, ReadOnlySpan<PacketItem> carried)
    {
        if (Sealing.NextCounter >= nextSkip)
        {
            // REC-012: a number nobody was sent tells a receiver that reports what it never got.
            Path.Recovery.OnNumberSkipped(now, RemoteIndex, Sealing.Take());
            nextSkip = NextSkip(Sealing.NextCounter);
        }

        DataHeader.Write(writer.Buffer, ChannelMessageType.Data, RemoteIndex);
        var number = writer.Seal(Sealing, length);
        var size = length + Limits.SealOverhead;
        Path.Recovery.OnPacketSent(now, RemoteIndex, number, size, eliciting, appLimited, carried);
        LastUsedAt = now;
        if (!HasReceived && IsInitiator)
            ScheduleConfirm(now);

        return size;
    }

    private void ScheduleConfirm(Instant now)
    {
        var due = now + (Path.Recovery.ProbeTimeout * (1 << Math.Min(SendsUnheard++, 8)));
        ConfirmDue = due < CreatedAt + NodeTimings.HalfOpenLifetime ? due : Instant.Never;
    }

    private ulong NextSkip(ulong from) => from + (ulong)random.NextInt32(512, 1025);
}

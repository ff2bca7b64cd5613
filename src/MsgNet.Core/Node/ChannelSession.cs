namespace MsgNet.Core;

/// <summary>One set of keys between two peers: what a handshake made. Counts and replay belong to it; RTT and congestion to its path.</summary>
internal sealed class ChannelSession : IDisposable
{
    private readonly IRandom random;
    private ulong nextSkip;

    public ChannelSession(
        PeerChannel peer, PeerPath path, SessionKeys keys, uint localIndex, uint remoteIndex, bool isInitiator, IRandom random, Instant now)
    {
        this.random = random;
        Keys = keys;
        Peer = peer;
        Path = path;
        LocalIndex = localIndex;
        RemoteIndex = remoteIndex;
        CreatedAt = now;
        LastUsedAt = now;
        IsInitiator = isInitiator;
        IsConfirmed = isInitiator;
        nextSkip = NextSkip(0);
        path.Recovery.AddKey(RemoteIndex);
    }

    public PeerChannel Peer { get; }

    public PeerPath Path { get; }

    public uint LocalIndex { get; }

    public uint RemoteIndex { get; }

    public SessionKeys Keys { get; }

    public ReplayWindow Replay { get; } = new(Limits.ReplayWindowBits);

    public ReceivedPackets Received { get; } = new();

    public Instant CreatedAt { get; }

    public Instant LastUsedAt { get; private set; }

    /// <summary>This side opened it.</summary>
    public bool IsInitiator { get; }

    /// <summary>The other side has proven that it holds the keys.</summary>
    public bool IsConfirmed { get; private set; }

    /// <summary>Keys wiped; the object is only a memory of itself.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>The responder's ACK, kept until the session is confirmed (SEC-051); null on the initiator's side.</summary>
    public byte[]? StoredAck { get; set; }

    /// <summary>Whether <see cref="StoredAck"/> is to be sent (again).</summary>
    public bool AckPending { get; set; }

    /// <summary>Bytes received from the unproven address, and sent to it: sent ≤ 3 × received until confirmed (SEC-081).</summary>
    public long LedgerReceived { get; set; }

    /// <summary>Bytes sent to the unproven address.</summary>
    public long LedgerSent { get; set; }

    /// <summary>Bytes that may go to the address now.</summary>
    public long LedgerRoom => IsConfirmed ? long.MaxValue : (LedgerReceived * Limits.AmplificationFactor) - LedgerSent;

    /// <summary>The other side used the keys: it lives, and so does its address.</summary>
    public void Confirm()
    {
        IsConfirmed = true;
        StoredAck = null;
        AckPending = false;
    }

    public void Touch(Instant now) => LastUsedAt = now;

    /// <summary>Seals the frames that stand at [16, 16 + <paramref name="length"/>) and accounts for the packet; returns the datagram's length.</summary>
    public int Seal(Instant now, Span<byte> datagram, int length, bool eliciting, bool appLimited)
    {
        if (Keys.Sealing.NextCounter >= nextSkip)
        {
            // REC-041: a number nobody was sent tells a receiver that reports what it never got.
            Path.Recovery.OnNumberSkipped(now, RemoteIndex, Keys.Sealing.Skip());
            nextSkip = NextSkip(Keys.Sealing.NextCounter);
        }

        DataHeader.Write(datagram, ChannelMessageType.Data, RemoteIndex);
        var number = Keys.Sealing.Seal(datagram, length);
        var size = length + Limits.SealOverhead;
        Path.Recovery.OnPacketSent(now, RemoteIndex, number, size, eliciting, appLimited);
        LedgerSent += size;
        Touch(now);
        return size;
    }

    public void Dispose()
    {
        if (IsDisposed)
            return;

        IsDisposed = true;
        StoredAck = null;
        Keys.Dispose();
        Path.Recovery.RemoveKey(RemoteIndex);
    }

    private ulong NextSkip(ulong from) => from + (ulong)random.NextInt32(512, 1025);
}

namespace MsgNet.Core;

/// <summary>
/// One try to reach a peer: HELLO images sent again and again, to its addresses in turn, until an ACK opens or the deadline passes.
/// <code>
///   start → send image 1 (×3) → image 2 (×3) → …      300, 600, 1200, 2400, 2400 … ms ± 10 %      ACK → done · deadline → failed
/// </code>
/// </summary>
internal sealed class HandshakeAttempt(ulong timestamp, Instant start, Instant deadline) : IDisposable
{
    private readonly List<HelloImage> images = [];
    private readonly List<(NetAddress Address, int Sends)> targets = [];
    private int sends;

    /// <summary>The attempt's id: wall clock at its start in µs, above every earlier one (SEC-034).</summary>
    public ulong Timestamp { get; } = timestamp;

    /// <summary>When the attempt began.</summary>
    public Instant StartedAt { get; } = start;

    /// <summary>When it fails.</summary>
    public Instant Deadline { get; private set; } = deadline;

    /// <summary>When the next HELLO is due.</summary>
    public Instant NextSend { get; private set; } = start;

    /// <summary>The frames every image carries; null until the first image is written.</summary>
    public byte[]? FirstFlight { get; set; }

    /// <summary>The images an ACK may answer: the newest and the one before it (SEC-036).</summary>
    public IReadOnlyList<HelloImage> Images => images;

    /// <summary>The image that is sent.</summary>
    public HelloImage Newest => images[^1];

    /// <summary>Every address tried and how many HELLOs went there.</summary>
    public IReadOnlyList<(NetAddress Address, int Sends)> Targets => targets;

    /// <summary>The address the next HELLO goes to: each in turn.</summary>
    public NetAddress NextTarget => targets[sends % targets.Count].Address;

    /// <summary>True when the next send needs a new image.</summary>
    public bool NeedsImage => images.Count == 0 || images[^1].Sends >= NodeTimings.ImageSendsMax;

    /// <summary>Adds an address to try.</summary>
    public void AddTarget(in NetAddress address)
    {
        foreach (var (known, _) in targets)
        {
            if (known == address)
                return;
        }

        if (targets.Count < Limits.AddressesPerPeerMax)
            targets.Add((address, 0));
    }

    /// <summary>A caller that waits longer keeps the attempt going, up to its own maximum.</summary>
    public void Extend(Instant until) =>
        Deadline = Instant.Max(Deadline, Instant.Min(until, StartedAt + NodeTimings.AttemptMax));

    /// <summary>Adds an image; returns the one that an ACK may no longer answer, or null.</summary>
    public HelloImage? AddImage(HelloImage image)
    {
        images.Add(image);
        if (images.Count <= 2)
            return null;

        var oldest = images[0];
        images.RemoveAt(0);
        return oldest;
    }

    /// <summary>The newest image left for <see cref="NextTarget"/>; sets the time of the next (SEC-031).</summary>
    public void OnSent(Instant now, IRandom random)
    {
        var slot = sends % targets.Count;
        targets[slot] = (targets[slot].Address, targets[slot].Sends + 1);
        images[^1].Sends++;
        images[^1].SentAt = now;

        var doublings = Math.Min(sends, 3);
        var interval = NodeTimings.HelloIntervalFirst * (1 << doublings);
        NextSend = now + (interval * (random.NextInt32(900, 1101) / 1000.0));
        sends++;
    }

    public void Dispose()
    {
        foreach (var image in images)
            image.Dispose();

        images.Clear();
    }
}

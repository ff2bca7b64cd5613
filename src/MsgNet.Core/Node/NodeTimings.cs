namespace MsgNet.Core;

/// <summary>The channel's time constants (<c>specs/secure-datagrams.md</c> section 4).</summary>
internal static class NodeTimings
{
    /// <summary>Life of an answered handshake that nobody confirms, and of its stored ACK.</summary>
    public static readonly TimeSpan HalfOpenLifetime = TimeSpan.FromSeconds(10);

    /// <summary>Longest handshake attempt.</summary>
    public static readonly TimeSpan AttemptMax = TimeSpan.FromSeconds(20);

    /// <summary>Silence after an eliciting packet that starts a new handshake.</summary>
    public static readonly TimeSpan DeadPeer = TimeSpan.FromSeconds(15);

    /// <summary>Silence after which a peer gives way to another at a full address: its CLOSE may have been lost.</summary>
    public static readonly TimeSpan GivesWayAfter = TimeSpan.FromSeconds(15);

    /// <summary>Age at which the initiator of keys makes new ones, if they are in use.</summary>
    public static readonly TimeSpan KeysRenewByInitiator = TimeSpan.FromSeconds(120);

    /// <summary>Age at which their responder does so, if the initiator has not.</summary>
    public static readonly TimeSpan KeysRenewByResponder = TimeSpan.FromSeconds(165);

    /// <summary>At most so much later, at random: both ends may be responders to each other.</summary>
    public static readonly TimeSpan KeysRenewJitter = TimeSpan.FromSeconds(5);

    /// <summary>How long an answered handshake of the peer keeps this side from one of its own to the same end.</summary>
    public static readonly TimeSpan KeysRenewPatience = TimeSpan.FromSeconds(1);

    /// <summary>Age at which keys are refused and wiped.</summary>
    public static readonly TimeSpan KeysReject = TimeSpan.FromSeconds(180);

    /// <summary>A wall clock that gained more than this on the monotonic one: the machine slept.</summary>
    public static readonly TimeSpan SuspensionMin = TimeSpan.FromSeconds(60);

    /// <summary>Least time between two repetitions of a CLOSE.</summary>
    public static readonly TimeSpan CloseInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long an association outlives its last use.</summary>
    public static readonly TimeSpan AssociationIdle = TimeSpan.FromSeconds(180);

    /// <summary>Least time between two handshakes of one peer that HINTs cause: anyone can forge a HINT.</summary>
    public static readonly TimeSpan HintInterval = TimeSpan.FromSeconds(5);

    /// <summary>First wait for an ACK; doubles three times, then stays (2.4 s).</summary>
    public static readonly TimeSpan HelloIntervalFirst = TimeSpan.FromMilliseconds(300);

    /// <summary>How often that wait doubles before it stays.</summary>
    public const int HelloDoublings = 3;

    /// <summary>Shortest first wait for an ACK where the round trip is known (SEC-032): a peer may be busy for so long.</summary>
    public static readonly TimeSpan HelloIntervalMin = TimeSpan.FromMilliseconds(100);

    /// <summary>How long the second address of an attempt waits for the first (SEC-043): most first ones answer within it.</summary>
    public static readonly TimeSpan RaceDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>Addresses of a peer tried at the same time: a dead one must not hold up a live one, nor all of them a storm.</summary>
    public const int RacingMax = 2;

    /// <summary>RETRYs one attempt follows: one for each address raced, and one whose cookie came too late.</summary>
    public const int RetriesMax = 3;

    /// <summary>PTO of a path whose RTT is unknown.</summary>
    public static readonly TimeSpan ProbeTimeoutInitial = TimeSpan.FromMilliseconds(333);

    /// <summary>When a request that found no room, or waited too long for the path, asks again.</summary>
    public static readonly TimeSpan RequestRetry = TimeSpan.FromMilliseconds(50);

    /// <summary>How far the timestamp of a HELLO without cookie may be from the responder's clock, and must be from its start.</summary>
    public static readonly TimeSpan TimestampWindow = TimeSpan.FromSeconds(30);

    /// <summary>How long cookies are asked for after there was too much to do.</summary>
    public static readonly TimeSpan UnderLoad = TimeSpan.FromSeconds(1);

    /// <summary>Probe timeouts for which a new address may leave the proof unanswered that it is the peer's.</summary>
    public const int ValidationTimeouts = 3;

    /// <summary>When a search for a larger datagram that ended is made again (RFC 8899 section 5.1.1).</summary>
    public static readonly TimeSpan DatagramSizeRaise = TimeSpan.FromSeconds(600);

    /// <summary>How long EARLY packets are taken once the session is confirmed: none is sent any more, some may be late.</summary>
    public static readonly TimeSpan EarlyAfterConfirmed = TimeSpan.FromSeconds(3);

    /// <summary>Sends of one image.</summary>
    public const int ImageSendsMax = 3;

    /// <summary>How long the n-th HELLO or WHO to an address waits for its answer; the first is number 0 (SEC-031).</summary>
    public static TimeSpan HelloInterval(int number) => HelloIntervalFirst * (1 << Math.Min(number, HelloDoublings));

    /// <summary>A wait varied by up to 10 % either way, so that those who began together do not go on together.</summary>
    public static TimeSpan Varied(TimeSpan wait, IRandom random) => wait * (random.NextInt32(900, 1101) / 1000.0);
}

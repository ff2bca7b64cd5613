namespace MsgNet.Core;

/// <summary>One address that an attempt tries.</summary>
internal sealed class HelloTarget(in NetAddress address)
{
    public NetAddress Address { get; } = address;

    /// <summary>HELLOs that went there.</summary>
    public int Sends { get; private set; }

    /// <summary>When a lane took it last, counted in turns; 0 when none has.</summary>
    public int Turn { get; set; }

    /// <summary>What the last RETRY from there brought: every later image to this address shows it (SEC-041). Empty before.</summary>
    public byte[] Cookie { get; private set; } = [];

    // HELLOs since the address answered by a RETRY, or since the attempt began.
    private int unanswered;

    /// <summary>A RETRY came: the address is alive, and waiting begins anew.</summary>
    public void OnRetry(ReadOnlySpan<byte> cookie)
    {
        Cookie = cookie.ToArray();
        unanswered = 0;
    }

    /// <summary>A HELLO went there; returns how long to wait for its answer (SEC-031, SEC-032).</summary>
    /// <param name="roundTrip">What is known of the path; zero when nothing is.</param>
    public TimeSpan OnSent(TimeSpan roundTrip)
    {
        Sends++;
        var interval = NodeTimings.HelloInterval(unanswered++);
        if (roundTrip == TimeSpan.Zero)
            return interval;

        var known = roundTrip * 2 > NodeTimings.HelloIntervalMin ? roundTrip * 2 : NodeTimings.HelloIntervalMin;
        return unanswered == 1 || interval < known ? known : interval;
    }
}

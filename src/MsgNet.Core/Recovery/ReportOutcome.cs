namespace MsgNet.Core;

/// <summary>What <see cref="PathRecovery.OnReport"/> made of a REPORT.</summary>
internal enum ReportOutcome
{
    /// <summary>At least one packet was reported for the first time.</summary>
    Accepted,

    /// <summary>Everything in it was known already: a repeated or overtaken report, harmless.</summary>
    NothingNew,

    /// <summary>Its index names no key of this path, for instance one that was wiped: ignore it.</summary>
    UnknownKey,

    /// <summary>It reports a number that was never sent: close the session with code 2.</summary>
    NeverSent,

    /// <summary>It reports a number that was left out on purpose: the peer invents reports; close the session with code 2.</summary>
    Skipped,
}

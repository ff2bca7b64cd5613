namespace MsgNet.Simulation.Tests.Attack;

/// <summary>What many seeds of <see cref="ReplayScenario"/> amount to; safe on several threads.</summary>
internal sealed class ReplaySums
{
    private readonly Lock gate = new();

    public long Trials { get; private set; }

    public long Recorded { get; private set; }

    public long EarlyTrials { get; private set; }

    public long Restarts { get; private set; }

    public long Repeated { get; private set; }

    public long Glued { get; private set; }

    public void Add(ReplayScenario scenario)
    {
        lock (gate)
        {
            Trials += scenario.Trials;
            Recorded += scenario.Recorded;
            EarlyTrials += scenario.EarlyTrials;
            Restarts += scenario.Restarts;
            Repeated += scenario.Repeated;
            Glued += scenario.Glued;
        }
    }

    public override string ToString() =>
        $"{Recorded} first flights recorded, {Trials} of them delivered, and {EarlyTrials} messages behind them; "
        + $"{Repeated} datagrams sent again, {Glued} with a cookie glued on; "
        + $"{Restarts} restarts of the receiver";
}

namespace MsgNet.LoadBench.Contestants;

/// <summary>A way to carry messages between two processes of this machine, set up as somebody would who wants it fast.</summary>
internal interface IContestant
{
    /// <summary>How tables and files call it.</summary>
    string Name { get; }

    /// <summary>Why it cannot run here; null when it can.</summary>
    string? Missing { get; }

    /// <summary>True when it is measured through links: it is reliable and ordered, and travels by UDP, as the relay does.</summary>
    bool IsForLinks { get; }

    /// <summary>True when it can do this work at all.</summary>
    bool CanDo(LoadWork work);

    /// <summary>Opens the end that takes messages or sends them back.</summary>
    Task<IListener> Listen(LoadWork work);

    /// <summary>Opens the end that sends; completes when the other end is there.</summary>
    Task<ICaller> Connect(LoadWork work, Target target);
}

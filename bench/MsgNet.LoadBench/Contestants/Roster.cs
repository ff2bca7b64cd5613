namespace MsgNet.LoadBench.Contestants;

/// <summary>All that take part, in the order of the tables.</summary>
internal static class Roster
{
    public static IReadOnlyList<IContestant> All { get; } =
    [
        new MsgNetHosts(MsgNetForm.Unreliable),
        new MsgNetHosts(MsgNetForm.Single),
        new MsgNetHosts(MsgNetForm.Reliable),
        new MsgNetHosts(MsgNetForm.Ordered),
        new MsgNetHosts(MsgNetForm.Spinning),
        new MsgNetHosts(MsgNetForm.Sleeping),
        new MsgNetHosts(MsgNetForm.Request),
        new DotnetUdp(),
        new FloorUdp(spins: false),
        new FloorUdp(spins: true),
        new StreamPipes(isSecret: false),
        new StreamPipes(isSecret: true),
        new Enet(isReliable: false),
        new Enet(isReliable: true),
        new Zero(isSecret: false),
        new Zero(isSecret: true),
        new Nng(),
    ];

    /// <summary>One host and ever more peers.</summary>
    public static IReadOnlyList<IContestant> Crowds { get; } = [new MsgNetCrowd(1), new MsgNetCrowd(100), new MsgNetCrowd(10_000)];

    /// <summary>The contestant of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static IContestant Find(string name) =>
        All.Concat(Crowds).FirstOrDefault(contestant => contestant.Name == name)
        ?? throw new ArgumentException($"There is no contestant \"{name}\".");
}

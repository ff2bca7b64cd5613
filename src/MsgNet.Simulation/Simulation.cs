using MsgNet.Core;

namespace MsgNet.Simulation;

/// <summary>
/// Message hosts on a network of its own, in virtual time, on one thread. The hosts are the real ones, down to the datagrams; time,
/// network, randomness and keys come from the seed, so that one seed is one run, every time. Hours pass in a second. Nothing in it is
/// secret: its cryptography is a stand-in.
/// </summary>
/// <remarks>
/// Not safe on several threads. Code inside a simulation waits with <see cref="Delay"/> or <see cref="TimeProvider"/>, never with the
/// real clock, and uses no <c>Task.Run</c>, no <c>ConfigureAwait(false)</c>; what leaves the simulation's thread is caught and fails the
/// run.
/// </remarks>
/// <example>
/// <code>
/// var simulation = new Simulation(seed: 42);
/// simulation.Network.Default = new LinkOptions { Delay = TimeSpan.FromMilliseconds(20), Loss = 0.2 };
/// var a = simulation.AddHost();
/// var b = simulation.AddHost();
/// simulation.Introduce();
/// simulation.Run(async () => await a.Host.Request(b.Id, "/kad/1.0", data));
/// </code>
/// </example>
public sealed class Simulation
{
    private static readonly TimeSpan LimitDefault = TimeSpan.FromHours(1);
    private readonly MessageHostFactory factory;
    private readonly SimulationScheduler scheduler = new();

    /// <summary>An empty simulation of that seed.</summary>
    public Simulation(ulong seed)
        : this(seed, new SimulationOptions())
    {
    }

    /// <summary>An empty simulation of that seed.</summary>
    public Simulation(ulong seed, SimulationOptions options)
        : this(seed, options, MessageHostFactories.OverUdp)
    {
    }

    internal Simulation(ulong seed, SimulationOptions options, MessageHostFactory factory)
    {
        ArgumentNullException.ThrowIfNull(options);
        Seed = seed;
        this.factory = factory;
        Queue = new SimulationQueue(new SimulationClock(), scheduler);
        TimeProvider = new SimulationTimeProvider(Queue);
        Random = new SeededRandom(seed, UserStream);
        Network = new SimulatedNetwork(Queue, new SeededRandom(seed, NetworkStream), options.DatagramsMax) { Default = options.Link };
    }

    /// <summary>The seed.</summary>
    public ulong Seed { get; }

    /// <summary>Virtual time since the start.</summary>
    public TimeSpan Now => Queue.Clock.Now - Instant.Zero;

    /// <summary>The network between the hosts.</summary>
    public SimulatedNetwork Network { get; }

    /// <summary>Hosts by index.</summary>
    public IReadOnlyList<SimulatedHost> Hosts => Network.Hosts;

    /// <summary>Randomness of the seed for the user's own choices; the simulation itself draws none of it.</summary>
    public SeededRandom Random { get; }

    /// <summary>
    /// Virtual time for code that takes a <see cref="System.TimeProvider"/>. The wall clock starts at 2025-01-01 00:00 UTC.
    /// </summary>
    public TimeProvider TimeProvider { get; }

    /// <summary>A 64-bit hash of every datagram so far with its time, fate and bytes: equal for equal runs.</summary>
    public ulong TraceHash => Network.TraceHash; // API-114

    internal SimulationQueue Queue { get; }

    /// <summary>Adds a host that listens, and starts it.</summary>
    public SimulatedHost AddHost() => AddHost(new SimulatedHostOptions());

    /// <summary>Adds a host and starts it.</summary>
    public SimulatedHost AddHost(SimulatedHostOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var host = Network.AddHost((index, ipv4, ipv6) => new SimulatedHost(this, options, index, ipv4, ipv6));
        host.Boot();
        return host;
    }

    /// <summary>Tells every host the addresses of every other.</summary>
    public void Introduce()
    {
        foreach (var host in Hosts)
        {
            foreach (var other in Hosts)
                host.Learn(other);
        }
    }

    /// <summary>Completes after that much virtual time.</summary>
    public Task Delay(TimeSpan time) => Task.Delay(time, TimeProvider);

    /// <summary>Runs for that much virtual time.</summary>
    public void Run(TimeSpan time)
    {
        var end = After(time);
        scheduler.RunAs(() =>
        {
            while (TryStep(end))
            {
            }

            Queue.Clock.MoveTo(end);
            return true;
        });
    }

    /// <summary>
    /// Runs until <paramref name="condition"/> holds, asked after everything that happens, for at most that much virtual time.
    /// </summary>
    /// <returns>True when it holds; false when the time was over, or nothing was left to happen, before it did.</returns>
    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var end = After(limit);
        return scheduler.RunAs(() =>
        {
            while (!condition())
            {
                if (!TryStep(end))
                    return false;
            }

            return true;
        });
    }

    /// <summary>Runs <paramref name="main"/> inside the simulation until it completes, for at most an hour of virtual time.</summary>
    /// <exception cref="TimeoutException">It did not complete in time, or waits for something that will never happen.</exception>
    public void Run(Func<Task> main) => Run(main, LimitDefault);

    /// <summary>Runs <paramref name="main"/> inside the simulation until it completes, for at most that much virtual time.</summary>
    /// <exception cref="TimeoutException">It did not complete in time, or waits for something that will never happen.</exception>
    public void Run(Func<Task> main, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(main);
        var end = After(limit);
        var task = scheduler.RunAs(() =>
        {
            var running = main();
            while (!running.IsCompleted)
            {
                if (!TryStep(end))
                    throw NotCompleted(limit);
            }

            return running;
        });
        task.GetAwaiter().GetResult();
    }

    /// <summary>
    /// Runs <paramref name="main"/> inside the simulation until it completes and returns its result, for at most an hour of virtual time.
    /// </summary>
    /// <exception cref="TimeoutException">It did not complete in time, or waits for something that will never happen.</exception>
    public TResult Run<TResult>(Func<Task<TResult>> main)
    {
        ArgumentNullException.ThrowIfNull(main);
        var result = default(TResult);
        Run(async () => { result = await main(); }, LimitDefault);
        return result!;
    }

    /// <summary>The seed, the time and the trace hash: what a failing test should print.</summary>
    public override string ToString() => $"seed {Seed}, {Now.TotalSeconds:F6} s, trace {TraceHash:x16}";

    internal SeededRandom RandomOf(int host, int life) => new(Seed, ((ulong)(host + 1) << 32) | (uint)life);

    internal IMessageHost CreateMessageHost(
        SimulatedHost host, SimulatedPlatform platform, SimulatedCrypto crypto, bool identityIsFresh, SimulatedHostOptions options)
    {
        var settings = new MsgNetOptions();
        settings.Listen.Add("/ip4/0.0.0.0/udp/4001");
        options.Configure?.Invoke(settings);
        return factory(platform, crypto, host.Id, identityIsFresh, settings);
    }

    private bool TryStep(Instant end)
    {
        if (Network.IsOverLimit)
            throw new InvalidOperationException($"Over {Network.DatagramsMax} datagrams: a storm, or DatagramsMax is too low ({this}).");

        var happened = Queue.TryStep(end);
        scheduler.ThrowIfStray();
        return happened;
    }

    private Instant After(TimeSpan time) => time >= TimeSpan.Zero
        ? Queue.Clock.Now + time
        : throw new ArgumentOutOfRangeException(nameof(time), time, "Time does not go back.");

    private TimeoutException NotCompleted(TimeSpan limit) => new(Queue.Next.IsNever
        ? $"Nothing is left to happen ({this}), but the function still waits: for a crashed host, or for a message nobody sends."
        : $"The function did not complete within {limit} of virtual time ({this}).");

    private const ulong NetworkStream = 1;
    private const ulong UserStream = 2;
}

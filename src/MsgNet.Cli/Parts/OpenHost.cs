using System.CommandLine;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace MsgNet.Cli;

/// <summary>
/// A message host opened as the common options say. Disposing drains it for 500 ms, within the second an interrupt has. CLI-012.
/// </summary>
internal sealed class OpenHost : IAsyncDisposable
{
    private static readonly TimeSpan InterruptDrain = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan DialTimeoutMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan DialTimeoutMax = TimeSpan.FromSeconds(20);
    private static readonly Multiaddress[] Everywhere = ["/ip4/0.0.0.0/udp/0", "/ip6/::/udp/0"];

    private readonly ServiceProvider services;
    private readonly Task talking;

    private OpenHost(ServiceProvider services, bool isVerbose)
    {
        this.services = services;
        Host = services.GetRequiredService<IMessageHost>();
        IsVerbose = isVerbose;
        talking = isVerbose ? Talk(Host.Network.PeerEvents()) : Task.CompletedTask;
    }

    public IMessageHost Host { get; }

    /// <summary>True with <c>-v</c>.</summary>
    public bool IsVerbose { get; }

    /// <summary>Opens a host; with <paramref name="listens"/> it listens everywhere when the command line names no address.</summary>
    public static Task<OpenHost> Open(
        ParseResult parsed, CommonOptions common, bool listens, TimeSpan dialTimeout, CancellationToken cancellationToken) =>
        Open(parsed, common, listens, dialTimeout, LogLevel.Warning, cancellationToken);

    /// <summary>As above, and sets the host up further.</summary>
    public static Task<OpenHost> Open(
        ParseResult parsed,
        CommonOptions common,
        bool listens,
        TimeSpan dialTimeout,
        Action<MsgNetOptions> configure,
        CancellationToken cancellationToken) =>
        Open(parsed, common, listens, dialTimeout, LogLevel.Warning, configure, cancellationToken);

    /// <summary>As above, and logs from <paramref name="quietLevel"/> on without <c>-v</c>.</summary>
    public static Task<OpenHost> Open(
        ParseResult parsed,
        CommonOptions common,
        bool listens,
        TimeSpan dialTimeout,
        LogLevel quietLevel,
        CancellationToken cancellationToken) =>
        Open(parsed, common, listens, dialTimeout, quietLevel, static _ => { }, cancellationToken);

    private static async Task<OpenHost> Open(
        ParseResult parsed,
        CommonOptions common,
        bool listens,
        TimeSpan dialTimeout,
        LogLevel quietLevel,
        Action<MsgNetOptions> configure,
        CancellationToken cancellationToken)
    {
        var isVerbose = parsed.GetValue(common.Verbose);
        var level = isVerbose ? LogLevel.Debug : quietLevel;
        var opened = new OpenHost(Configure(parsed.GetValue(common.Identity)?.FullName, level, dialTimeout, configure), isVerbose);
        try
        {
            await opened.Listen(parsed.GetValue(common.Listen) ?? [], listens, cancellationToken);
            return opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <summary>Gives what is queued up to <paramref name="drain"/> to reach the operating system, and closes.</summary>
    public ValueTask Close(TimeSpan drain, CancellationToken cancellationToken) => Host.Close(drain, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Host.Close(InterruptDrain);
        await talking;
        await services.DisposeAsync();
    }

    private static ServiceProvider Configure(string? keyFile, LogLevel level, TimeSpan dialTimeout, Action<MsgNetOptions> configure)
    {
        var services = new ServiceCollection();
        services.AddMsgNet(options =>
        {
            options.KeyFile = keyFile;
            options.DialTimeout = TimeSpan.FromTicks(Math.Clamp(dialTimeout.Ticks, DialTimeoutMin.Ticks, DialTimeoutMax.Ticks));
            configure(options);
        });
        services.AddLogging(logging =>
        {
            logging.SetMinimumLevel(level);
            logging.AddSimpleConsole(console => (console.SingleLine, console.ColorBehavior) = (true, LoggerColorBehavior.Disabled));
            logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        });
        return services.BuildServiceProvider();
    }

    private static async Task Talk(IAsyncEnumerable<PeerEvent> events)
    {
        await foreach (var happened in events)
        {
            var where = happened.Address is null ? "" : $" at {happened.Address}";
            var why = happened.Reason.Length == 0 ? "" : $": {happened.Reason}";
            Failures.Say($"{happened.Peer} {happened.Kind}{where}{why}");
        }
    }

    private async Task Listen(Multiaddress[] addresses, bool listens, CancellationToken cancellationToken)
    {
        foreach (var address in addresses)
            await Listen(address, cancellationToken);
        if (addresses.Length > 0 || !listens)
            return;

        // A machine without IPv6 is no reason not to listen.
        var failures = new List<EnvironmentException>();
        foreach (var address in Everywhere)
        {
            try
            {
                await Listen(address, cancellationToken);
            }
            catch (EnvironmentException error)
            {
                failures.Add(error);
            }
        }

        if (failures.Count == Everywhere.Length)
            throw new EnvironmentException(string.Join(" ", failures.Select(failure => failure.Message)));
        foreach (var failure in failures)
            Failures.Say($"note: {failure.Message}");
    }

    private async Task Listen(Multiaddress address, CancellationToken cancellationToken)
    {
        try
        {
            await Host.Network.Listen(address, cancellationToken);
        }
        catch (ArgumentException error)
        {
            throw UsageException.From(error);
        }
        catch (MsgNetException error)
        {
            throw new EnvironmentException(error.Message, error);
        }
    }
}

using System.CommandLine;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace MsgNet.Cli;

/// <summary>A message host opened as the common options say. Disposing drains it for 500 ms, within the second an interrupt has. CLI-012.</summary>
internal sealed class OpenHost : IAsyncDisposable
{
    private static readonly TimeSpan InterruptDrain = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan DialTimeoutMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan DialTimeoutMax = TimeSpan.FromSeconds(20);
    private static readonly Multiaddress[] Everywhere = ["/ip4/0.0.0.0/udp/0", "/ip6/::/udp/0"];

    private readonly ServiceProvider services;

    private OpenHost(ServiceProvider services)
    {
        this.services = services;
        Host = services.GetRequiredService<IMessageHost>();
    }

    public IMessageHost Host { get; }

    /// <summary>Opens a host; with <paramref name="listens"/> it listens everywhere when the command line names no address.</summary>
    public static async Task<OpenHost> Open(
        ParseResult parsed, CommonOptions common, bool listens, TimeSpan dialTimeout, CancellationToken cancellationToken)
    {
        var opened = new OpenHost(Configure(parsed.GetValue(common.Identity)?.FullName, parsed.GetValue(common.Verbose), dialTimeout));
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
        await services.DisposeAsync();
    }

    private static ServiceProvider Configure(string? keyFile, bool isVerbose, TimeSpan dialTimeout)
    {
        var services = new ServiceCollection();
        services.AddMsgNet(options =>
        {
            options.KeyFile = keyFile;
            options.DialTimeout = TimeSpan.FromTicks(Math.Clamp(dialTimeout.Ticks, DialTimeoutMin.Ticks, DialTimeoutMax.Ticks));
        });
        services.AddLogging(logging =>
        {
            logging.SetMinimumLevel(isVerbose ? LogLevel.Debug : LogLevel.Warning);
            logging.AddSimpleConsole(console => (console.SingleLine, console.ColorBehavior) = (true, LoggerColorBehavior.Disabled));
            logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        });
        return services.BuildServiceProvider();
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
            throw new UsageException(error.Message);
        }
        catch (MsgNetException error)
        {
            throw new EnvironmentException(error.Message, error);
        }
    }
}

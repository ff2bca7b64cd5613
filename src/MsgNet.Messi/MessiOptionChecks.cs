using Microsoft.Extensions.Options;
using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>Checks options and copies them: every fault at once, each with what to do.</summary>
internal static class MessiOptionChecks
{
    private static readonly TimeSpan IntervalMax = TimeSpan.FromHours(1);
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan CallMax = TimeSpan.FromDays(1);

    /// <summary>A copy that nobody changes any more.</summary>
    /// <exception cref="OptionsValidationException">With every fault.</exception>
    public static MessiClientOptions Copy(MessiClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var copy = options.Copy();
        ThrowIfAny(nameof(MessiClientOptions), typeof(MessiClientOptions), FaultsOf(copy));
        return copy;
    }

    /// <inheritdoc cref="Copy(MessiClientOptions)"/>
    public static MessiServerOptions Copy(MessiServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var copy = options.Copy();
        ThrowIfAny(nameof(MessiServerOptions), typeof(MessiServerOptions), FaultsOf(copy));
        return copy;
    }

    private static IEnumerable<string?> FaultsOf(MessiClientOptions options)
    {
        yield return Format(options.WireFormat);
        yield return Time(nameof(options.KeepAliveInterval), options.KeepAliveInterval, IntervalMax);
        yield return Time(nameof(options.ConnectTimeout), options.ConnectTimeout, WaitMax);
        yield return Time(nameof(options.ReconnectDelay), options.ReconnectDelay, IntervalMax);
        yield return Time(nameof(options.ReconnectDelayMax), options.ReconnectDelayMax, IntervalMax);
        if (options.ReconnectDelayMax < options.ReconnectDelay)
        {
            yield return $"ReconnectDelayMax is {options.ReconnectDelayMax} and ReconnectDelay {options.ReconnectDelay}: "
                + "raise the one or lower the other.";
        }

        yield return Stop(options.StopTimeout);
        yield return Call(options.CallTimeout);
        yield return Sizes(options.MessageSizeMax);
        yield return Queue(nameof(options.SendQueueMax), options.SendQueueMax);
        yield return Queue(nameof(options.ReceiveQueueMax), options.ReceiveQueueMax);
        yield return options.TimeProvider is null ? "TimeProvider is null: leave it as it is, or set a clock." : null;
    }

    private static IEnumerable<string?> FaultsOf(MessiServerOptions options)
    {
        yield return Format(options.WireFormat);
        yield return Time(nameof(options.KeepAliveTimeout), options.KeepAliveTimeout, IntervalMax);
        yield return Time(nameof(options.HandshakeTimeout), options.HandshakeTimeout, WaitMax);
        yield return Number(nameof(options.ClientsMax), options.ClientsMax, 1, Limits.MessiClientsMax);
        yield return Number(nameof(options.Backlog), options.Backlog, 1, ushort.MaxValue);
        yield return Stop(options.StopTimeout);
        yield return Call(options.CallTimeout);
        yield return Sizes(options.MessageSizeMax);
        yield return Queue(nameof(options.SendQueueMax), options.SendQueueMax);
        yield return Queue(nameof(options.ReceiveQueueMax), options.ReceiveQueueMax);
        yield return options.TimeProvider is null ? "TimeProvider is null: leave it as it is, or set a clock." : null;
    }

    private static void ThrowIfAny(string name, Type type, IEnumerable<string?> faults)
    {
        var found = faults.OfType<string>().ToArray();
        if (found.Length > 0)
            throw new OptionsValidationException(name, type, found); // API-193
    }

    private static string? Format(MessiWireFormat format) => Enum.IsDefined(format)
        ? null
        : $"WireFormat is {format}: set it to {string.Join(" or ", Enum.GetNames<MessiWireFormat>())}.";

    private static string? Time(string name, TimeSpan time, TimeSpan max) => time > TimeSpan.Zero && time <= max
        ? null
        : $"{name} is {time}: set it to more than zero, at most {max}.";

    private static string? Stop(TimeSpan time) => time >= TimeSpan.Zero && time <= WaitMax
        ? null
        : $"StopTimeout is {time}: set it to {TimeSpan.Zero} to {WaitMax}.";

    private static string? Call(TimeSpan? time) => time is { } set ? Time("CallTimeout", set, CallMax) : null;

    private static string? Sizes(int size) => Number("MessageSizeMax", size, 1, Limits.MessiMessageSizeMax);

    private static string? Queue(string name, int bytes) => Number(name, bytes, Limits.MessiQueueMin, Limits.MessiQueueMax);

    private static string? Number(string name, int value, int min, int max) => value >= min && value <= max
        ? null
        : $"{name} is {value}: set it to {min} to {max}.";
}

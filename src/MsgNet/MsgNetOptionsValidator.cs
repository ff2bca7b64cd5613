using Microsoft.Extensions.Options;
using MsgNet.Core;

namespace MsgNet;

/// <summary>Checks <see cref="MsgNetOptions"/> when a host starts: every fault at once, each with what to do.</summary>
public sealed class MsgNetOptionsValidator : IValidateOptions<MsgNetOptions>
{
    private static readonly TimeSpan DialTimeoutMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan DialTimeoutMax = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan DrainTimeoutMax = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, MsgNetOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var faults = FaultsOf(options).ToArray();
        return faults.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    /// <summary>Throws when the options cannot be used.</summary>
    /// <exception cref="OptionsValidationException">With every fault, and what to do about it.</exception>
    internal static void ThrowIfInvalid(MsgNetOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var faults = FaultsOf(options).ToArray();
        if (faults.Length > 0)
            throw new OptionsValidationException(nameof(MsgNetOptions), typeof(MsgNetOptions), faults); // API-012
    }

    private static IEnumerable<string> FaultsOf(MsgNetOptions options)
    {
        if (options is { Identity: not null, KeyFile: not null })
            yield return "Identity and KeyFile contradict each other: set one, since the key file holds an identity too.";
        if (options.KeyFile is not null && string.IsNullOrWhiteSpace(options.KeyFile))
            yield return "KeyFile is blank: give it a path, or leave it null for a fresh identity at each start.";
        if (options.DialTimeout < DialTimeoutMin || options.DialTimeout > DialTimeoutMax)
            yield return $"DialTimeout is {options.DialTimeout}: set it to {DialTimeoutMin} to {DialTimeoutMax}.";
        if (options.DrainTimeout < TimeSpan.Zero || options.DrainTimeout > DrainTimeoutMax)
            yield return $"DrainTimeout is {options.DrainTimeout}: set it to {TimeSpan.Zero} to {DrainTimeoutMax}.";
        if (options.ReceiveSpin < TimeSpan.Zero || options.ReceiveSpin > Limits.ReceiveSpinMax)
            yield return $"ReceiveSpin is {options.ReceiveSpin}: set it to {TimeSpan.Zero} to {Limits.ReceiveSpinMax}.";
        if (!Enum.IsDefined(options.CongestionControl))
        {
            var names = string.Join(" or ", Enum.GetNames<CongestionControl>());
            yield return $"CongestionControl is {options.CongestionControl}: set it to {names}.";
        }

        if (options.PeersMax is < 1 or > Limits.PeersMax)
            yield return $"PeersMax is {options.PeersMax}: set it to 1 to {Limits.PeersMax}.";
        if (options.MessageSizeMax is < Limits.ReliableMessageMin or > Limits.ReliableMessageMax)
        {
            yield return $"MessageSizeMax is {options.MessageSizeMax}: "
                + $"set it to {Limits.ReliableMessageMin} to {Limits.ReliableMessageMax} bytes.";
        }
        else if (options.ReceiveBudgetPerPeer < (long)Limits.ReceiveBudgetMessages * options.MessageSizeMax)
        {
            yield return $"ReceiveBudgetPerPeer is {options.ReceiveBudgetPerPeer} and MessageSizeMax {options.MessageSizeMax}, "
                + $"but the budget must hold {Limits.ReceiveBudgetMessages} messages: raise the one or lower the other.";
        }

        if (options.ReceiveBudgetPerPeer > Limits.ReceiveBudgetMax)
            yield return $"ReceiveBudgetPerPeer is {options.ReceiveBudgetPerPeer}: set it to at most {Limits.ReceiveBudgetMax} bytes.";
        if (options.AcceptPeer is { HasSingleTarget: false })
            yield return "AcceptPeer holds several functions, of which only the last would count: set one that asks them all.";
        foreach (var fault in options.Listen.Select(FaultOf).OfType<string>())
            yield return fault;
    }

    private static string? FaultOf(Multiaddress? address, int index) => address switch
    {
        null => $"Listen[{index}] is null: remove it, or name an address such as /ip4/0.0.0.0/udp/4001.",
        _ when address.TryGetPeerId(out _) => $"Listen[{index}] is {address}: leave /p2p out, Identity or KeyFile sets the identity.",
        _ => null,
    };
}

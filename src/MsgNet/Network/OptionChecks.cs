using MsgNet.Core;

namespace MsgNet;

/// <summary>Says what is wrong with the options of a call, to whoever made it.</summary>
internal static class OptionChecks
{
    /// <summary>Throws when a send cannot be done as the options say.</summary>
    public static void Check(SendOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Delivery is < Delivery.Unreliable or > Delivery.ReliableOrdered)
            throw new ArgumentException($"SendOptions.Delivery is {options.Delivery}: use a value of the enumeration.", nameof(options));
        if (options is { WaitForDelivery: true, Delivery: Delivery.Unreliable })
        {
            throw new ArgumentException(
                "SendOptions.WaitForDelivery needs a delivery that can be waited for: set Delivery to Reliable or ReliableOrdered.",
                nameof(options));
        }
    }

    /// <summary>Throws when a request cannot be made as the options say.</summary>
    public static void Check(RequestOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!Enum.IsDefined(options.Delivery))
            throw new ArgumentException($"RequestOptions.Delivery is {options.Delivery}: use a value of the enumeration.", nameof(options));
        if (options.Timeout <= TimeSpan.Zero || options.Timeout > Limits.RequestTimeoutMax)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options),
                $"RequestOptions.Timeout is {options.Timeout}: set it to more than zero and at most {Limits.RequestTimeoutMax}.");
        }
    }
}

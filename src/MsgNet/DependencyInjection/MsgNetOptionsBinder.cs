using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Reads <see cref="MsgNetOptions"/> from configuration without reflection, and takes nothing it does not know: a setting that is
/// misspelt or unreadable must not become a default. Whether values are in range is <see cref="MsgNetOptionsValidator"/>'s to say.
/// </summary>
internal sealed class MsgNetOptionsBinder
{
    private static readonly Dictionary<string, Action<MsgNetOptionsBinder, IConfigurationSection>> Keys =
        new(StringComparer.OrdinalIgnoreCase)
        {
            [nameof(MsgNetOptions.Listen)] = static (binder, key) => binder.ReadListen(key),
            [nameof(MsgNetOptions.KeyFile)] = static (binder, key) => binder.options.KeyFile = key.Value,
            [nameof(MsgNetOptions.DialTimeout)] = static (binder, key) =>
                binder.options.DialTimeout = binder.ReadTime(key, binder.options.DialTimeout),
            [nameof(MsgNetOptions.DrainTimeout)] = static (binder, key) =>
                binder.options.DrainTimeout = binder.ReadTime(key, binder.options.DrainTimeout),
            [nameof(MsgNetOptions.AnswerWho)] = static (binder, key) => binder.options.AnswerWho = binder.ReadFlag(key),
            [nameof(MsgNetOptions.EarlyNeedsCookie)] = static (binder, key) => binder.options.EarlyNeedsCookie = binder.ReadFlag(key),
            [nameof(MsgNetOptions.OfferAes)] = static (binder, key) => binder.options.OfferAes = binder.ReadFlag(key),
            [nameof(MsgNetOptions.CongestionControl)] = static (binder, key) =>
                binder.options.CongestionControl = binder.ReadChoice(key, binder.options.CongestionControl),
            [nameof(MsgNetOptions.PeersMax)] = static (binder, key) =>
                binder.options.PeersMax = binder.ReadCount(key, binder.options.PeersMax),
            [nameof(MsgNetOptions.MessageSizeMax)] = static (binder, key) =>
                binder.options.MessageSizeMax = binder.ReadCount(key, binder.options.MessageSizeMax),
            [nameof(MsgNetOptions.ReceiveBudgetPerPeer)] = static (binder, key) =>
                binder.options.ReceiveBudgetPerPeer = binder.ReadCount(key, binder.options.ReceiveBudget),
            [nameof(MsgNetOptions.SegmentationOffload)] = static (binder, key) =>
                binder.options.SegmentationOffload = binder.ReadFlag(key),
            [nameof(MsgNetOptions.ReceiveSpin)] = static (binder, key) =>
                binder.options.ReceiveSpin = binder.ReadTime(key, binder.options.ReceiveSpin),
            [nameof(MsgNetOptions.PoisonReturnedBuffers)] = static (binder, key) =>
                binder.options.PoisonReturnedBuffers = binder.ReadFlag(key),
        };

    private readonly MsgNetOptions options;
    private readonly List<string> faults = [];

    private MsgNetOptionsBinder(MsgNetOptions options) => this.options = options;

    /// <summary>Names of the keys there are.</summary>
    public static IEnumerable<string> KeyNames => Keys.Keys;

    /// <summary>Sets the options that the section has keys for.</summary>
    /// <exception cref="OptionsValidationException">With every fault: the key's path, its value, and what to do.</exception>
    public static void Bind(IConfiguration section, MsgNetOptions options)
    {
        var binder = new MsgNetOptionsBinder(options);
        foreach (var key in section.GetChildren())
            binder.Read(key);
        if (binder.faults.Count > 0)
            throw new OptionsValidationException(nameof(MsgNetOptions), typeof(MsgNetOptions), binder.faults); // API-135
    }

    private void Read(IConfigurationSection key)
    {
        var isList = key.GetChildren().Any();
        if (!Keys.TryGetValue(key.Key, out var read))
            faults.Add($"{key.Path} is no option of MsgNet: remove it, or write one of {string.Join(", ", KeyNames)}{HintFor(key)}.");
        else if (isList && !key.Key.Equals(nameof(MsgNetOptions.Listen), StringComparison.OrdinalIgnoreCase))
            faults.Add($"{key.Path} holds several values: write one.");
        else if (isList || key.Value is not null)
            read(this, key);
    }

    private static string HintFor(IConfigurationSection key) =>
        key.Path == key.Key ? "; if it is another's, pass MsgNet's section alone: configuration.GetSection(\"MsgNet\")" : "";

    private void ReadListen(IConfigurationSection key)
    {
        if (!string.IsNullOrEmpty(key.Value))
        {
            faults.Add($"{key.Path} is \"{key.Value}\", one value: write a list, such as [ \"/ip4/0.0.0.0/udp/4001\" ]; "
                + $"as an environment variable, {key.Path.Replace(":", "__", StringComparison.Ordinal)}__0.");
        }

        foreach (var entry in key.GetChildren())
        {
            if (Multiaddress.TryParse(entry.Value, out var address))
                options.Listen.Add(address);
            else
                faults.Add($"{entry.Path} is \"{entry.Value}\", no multiaddress: write one such as /ip4/0.0.0.0/udp/4001.");
        }
    }

    // A bare number would be read as days, which nobody means.
    private TimeSpan ReadTime(IConfigurationSection key, TimeSpan present)
    {
        if (key.Value!.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(key.Value, CultureInfo.InvariantCulture, out var time))
            return time;

        faults.Add($"{key.Path} is \"{key.Value}\", no time: write hours, minutes and seconds, such as {present:c}.");
        return present;
    }

    private int ReadCount(IConfigurationSection key, int present)
    {
        if (int.TryParse(key.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count))
            return count;

        faults.Add($"{key.Path} is \"{key.Value}\", no whole number: write one such as {present}.");
        return present;
    }

    // Enum.TryParse would take numbers too.
    private T ReadChoice<T>(IConfigurationSection key, T present)
        where T : struct, Enum
    {
        var names = Enum.GetNames<T>();
        var at = Array.FindIndex(names, name => name.Equals(key.Value, StringComparison.OrdinalIgnoreCase));
        if (at >= 0)
            return Enum.GetValues<T>()[at];

        faults.Add($"{key.Path} is \"{key.Value}\": write {string.Join(" or ", names)}.");
        return present;
    }

    private bool ReadFlag(IConfigurationSection key)
    {
        if (bool.TryParse(key.Value, out var flag))
            return flag;

        faults.Add($"{key.Path} is \"{key.Value}\": write true or false.");
        return false;
    }
}

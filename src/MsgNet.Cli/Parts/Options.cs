using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace MsgNet.Cli;

/// <summary>
/// Makes options and arguments whose values are checked while the command line is parsed, so that wrong ones are usage (64).
/// </summary>
internal static class Options
{
    /// <summary>Bytes of the largest message there may be, with the largest <c>--message-size-max</c>.</summary>
    public const int MessageSizeLimit = 16 * 1024 * 1024;

    private delegate bool Reader<T>(string text, out T value);

    private static readonly TimeSpan SecondsMax = TimeSpan.FromDays(1);

    /// <summary>A peer's address; without <paramref name="trustFirst"/> it must end in <c>/p2p/PEERID</c>. CLI-007.</summary>
    public static Argument<Multiaddress?> Address(bool isRequired, Option<bool> trustFirst) => new("ADDR")
    {
        Description = "The peer's address; it ends in /p2p/PEERID, as msgnet listen prints it.",
        Arity = isRequired ? ArgumentArity.ExactlyOne : ArgumentArity.ZeroOrOne,
        CustomParser = result => ReadAddress(result, needsPeer: result.GetResult(trustFirst) is null or { Implicit: true }),
    };

    /// <summary>A protocol name.</summary>
    public static Argument<ProtocolId> Protocol() => new("PROTOCOL")
    {
        Description = "The protocol's name, such as /notes/1.0.0.",
        CustomParser = result => Read<ProtocolId>(result, "a protocol name of 1 to 140 printable ASCII characters", TryProtocol),
    };

    /// <summary>Protocol names, one or more.</summary>
    public static Option<ProtocolId[]> Protocols() => new("--protocol", "-p")
    {
        Description = "A protocol to take messages of; repeatable.",
        HelpName = "P",
        Required = true,
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result => ReadAll<ProtocolId>(result, "a protocol name of 1 to 140 printable ASCII characters", TryProtocol),
    };

    /// <summary>Addresses to listen on.</summary>
    public static Option<Multiaddress[]> Listen() => new("--listen")
    {
        Description = "An address to listen on, such as /ip4/0.0.0.0/udp/4001; repeatable.",
        HelpName = "MULTIADDR",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result =>
            [.. result.Tokens.Select(token => ReadAddress(result, token.Value, needsPeer: false)).OfType<Multiaddress>()],
    };

    /// <summary>A delivery. CLI-009.</summary>
    public static Option<Delivery> Delivery() => new Option<Delivery>("--delivery")
    {
        Description = "unreliable (the default), reliable or ordered.",
        HelpName = "D",
        CustomParser = result => Read<Delivery>(result, "unreliable, reliable or ordered", DeliveryWords.TryParse),
    }.WithCompletions(DeliveryWords.All);

    /// <summary>Sets the words a shell offers for a value; without them it would offer the names of an enum. CLI-076.</summary>
    public static Option<T> WithCompletions<T>(this Option<T> option, params string[] words)
    {
        option.CompletionSources.Clear();
        option.CompletionSources.Add(words);
        return option;
    }

    /// <summary>A size in bytes from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public static Option<int> Size(string name, string description, int defaultValue, int min, int max) => new(name)
    {
        Description = description,
        HelpName = "B",
        DefaultValueFactory = _ => defaultValue,
        CustomParser = result => ReadInRange(result, Quantities.SizeForm, Quantities.TrySize, min, max),
    };

    /// <summary>The largest reliable message. CLI-046.</summary>
    public static Option<int> MessageSizeMax() => Size(
        "--message-size-max",
        "Bytes of the largest reliable message, 64k to 16M; raise it at both ends. Default 1M.",
        DeliveryWords.SizeMax(MsgNet.Delivery.Reliable),
        64 * 1024,
        MessageSizeLimit);

    /// <summary>A whole number from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public static Option<int> Count(
        string name, string description, int defaultValue, int min, int max, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = defaultValue == 0 ? null : _ => defaultValue,
        CustomParser = result => ReadInRange(result, "a whole number", Quantities.TryWhole, min, max),
    };

    /// <summary>A seed.</summary>
    public static Option<ulong?> Seed() => new("--seed")
    {
        Description = "The seed: the same one is the same run. Default: a fresh one, printed.",
        HelpName = "S",
        CustomParser = result => Read<ulong>(result, "a whole number from 0 to 2^64 - 1", TrySeed),
    };

    /// <summary>A time in seconds, or with its unit; above zero, at most a day.</summary>
    public static Option<TimeSpan?> Seconds(string name, string description, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        HelpName = "S",
        CustomParser = ReadPositive,
    };

    /// <summary>A time with its unit, at most <paramref name="max"/>.</summary>
    public static Option<TimeSpan?> Duration(string name, string description, TimeSpan max) => new(name)
    {
        Description = description,
        HelpName = "D",
        CustomParser = result => ReadTime(result, Quantities.DurationForm, Quantities.TryDuration, max),
    };

    /// <summary>A share.</summary>
    public static Option<double> Percent(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "P%",
        CustomParser = result => Read<double>(result, Quantities.PercentForm, Quantities.TryPercent),
    };

    /// <summary>A file, there or not, and no folder.</summary>
    public static FileInfo? ReadFile(ArgumentResult result)
    {
        var file = ReadKeyFile(result);
        if (file is not null && Directory.Exists(file.FullName))
            result.AddError($"{NameOf(result)} takes a file, and '{file}' is a folder");
        return file;
    }

    /// <summary>A file of an identity, there or not; what is wrong with it is told when it is opened.</summary>
    public static FileInfo? ReadKeyFile(ArgumentResult result) => Read<FileInfo>(result, "the path of a file", TryFile);

    /// <summary>A folder, there or not, and no file.</summary>
    public static DirectoryInfo? ReadFolder(ArgumentResult result) => ReadFolder(result, result.Tokens[0].Value);

    /// <summary>Folders, there or not.</summary>
    public static DirectoryInfo[] ReadFolders(ArgumentResult result) =>
        [.. result.Tokens.Select(token => ReadFolder(result, token.Value)).OfType<DirectoryInfo>()];

    /// <summary>Whether an address without a peer id is asked who is there. CLI-008.</summary>
    public static Option<bool> TrustFirst() => new("--trust-first")
    {
        Description = "Ask an address without /p2p/PEERID who is there, and believe it.",
        Arity = ArgumentArity.Zero,
    };

    /// <summary>A size for messages of that delivery.</summary>
    /// <exception cref="UsageException">There are no such messages.</exception>
    public static int GetSize(this ParseResult parsed, Option<int> option, Delivery delivery)
    {
        var (size, max) = (parsed.GetValue(option), DeliveryWords.SizeMax(delivery));
        return size <= max
            ? size
            : throw new UsageException($"{option.Name} takes at most {max} with --delivery {DeliveryWords.Of(delivery)}, not {size}.");
    }

    private static Multiaddress? ReadAddress(ArgumentResult result, bool needsPeer) =>
        ReadAddress(result, result.Tokens[0].Value, needsPeer);

    private static Multiaddress? ReadAddress(ArgumentResult result, string text, bool needsPeer)
    {
        try
        {
            var address = Multiaddress.Parse(text);
            if (!needsPeer || address.TryGetPeerId(out _))
                return address;

            result.AddError(
                $"{text} does not say who is there: add /p2p/PEERID to the address, or --trust-first");
        }
        catch (FormatException error)
        {
            result.AddError(error.Message);
        }

        return null;
    }

    private static T[] ReadAll<T>(ArgumentResult result, string form, Reader<T> reader) =>
        [.. result.Tokens.Select(token => Read(result, token.Value, form, reader)).OfType<T>()];

    private static T? Read<T>(ArgumentResult result, string form, Reader<T> reader) => Read(result, result.Tokens[0].Value, form, reader);

    private static T? Read<T>(ArgumentResult result, string text, string form, Reader<T> reader)
    {
        if (reader(text, out var value))
            return value;

        result.AddError($"{NameOf(result)} takes {form}, not '{text}'");
        return default;
    }

    private static DirectoryInfo? ReadFolder(ArgumentResult result, string text)
    {
        var folder = Read<DirectoryInfo>(result, text, "the path of a folder", TryFolder);
        if (folder is not null && File.Exists(folder.FullName))
            result.AddError($"{NameOf(result)} takes a folder, and '{text}' is a file");
        return folder;
    }

    // What is not even a number has been told already.
    private static int ReadInRange(ArgumentResult result, string form, Reader<long> reader, int min, int max)
    {
        var value = Read(result, form, OrNothing(reader));
        if (value >= min && value <= max)
            return (int)value;

        if (value is not null)
            result.AddError($"{NameOf(result)} takes {min} to {max}, not {result.Tokens[0].Value}");
        return 0;
    }

    private static TimeSpan? ReadPositive(ArgumentResult result)
    {
        var value = ReadTime(result, Quantities.SecondsForm, Quantities.TrySeconds, SecondsMax);
        if (value <= TimeSpan.Zero)
            result.AddError($"{NameOf(result)} takes more than zero");
        return value;
    }

    private static TimeSpan? ReadTime(ArgumentResult result, string form, Reader<TimeSpan> reader, TimeSpan max)
    {
        var value = Read(result, form, OrNothing(reader));
        if (value > max)
            result.AddError($"{NameOf(result)} takes at most {max.TotalHours}h, not {result.Tokens[0].Value}");
        return value;
    }

    private static Reader<T?> OrNothing<T>(Reader<T> reader)
        where T : struct =>
        (string text, out T? value) => (value = reader(text, out var read) ? read : null) is not null;

    private static string NameOf(ArgumentResult result) => (result.Parent as OptionResult)?.IdentifierToken?.Value ?? result.Argument.Name;

    private static bool TrySeed(string text, out ulong value) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static bool TryFile(string text, out FileInfo file)
    {
        file = text.Length == 0 ? null! : new FileInfo(text);
        return text.Length > 0;
    }

    private static bool TryFolder(string text, out DirectoryInfo folder)
    {
        folder = text.Length == 0 ? null! : new DirectoryInfo(text);
        return text.Length > 0;
    }

    private static bool TryProtocol(string text, out ProtocolId protocol)
    {
        protocol = ProtocolId.IsValid(text) ? new ProtocolId(text) : default;
        return !protocol.IsEmpty;
    }
}

using System.CommandLine;

namespace MsgNet.Cli;

/// <summary>What every verb that opens a host takes. CLI-006.</summary>
internal sealed class CommonOptions
{
    public Option<FileInfo?> Identity { get; } = new("--identity")
    {
        Description = "A key file, made with mode 0600 when absent. Default: a fresh identity.",
        HelpName = "FILE",
        CustomParser = Options.ReadKeyFile,
    };

    public Option<Multiaddress[]> Listen { get; } = Options.Listen();

    public Option<bool> Verbose { get; } = new("--verbose", "-v") { Description = "Say on standard error what happens." };

    public Option<bool> Json { get; } = JsonOption();

    public static Option<bool> JsonOption() => new("--json") { Description = "Print one JSON object per line." };

    public void AddTo(Command command)
    {
        command.Add(Identity);
        command.Add(Listen);
        command.Add(Verbose);
        command.Add(Json);
    }
}

using System.CommandLine;

namespace MsgNet.Cli.Commands;

/// <summary><c>id new</c> and <c>id show</c>: identities in key files. CLI-021, CLI-022.</summary>
internal static class IdCommand
{
    public static Command Create() => new Command("id", "Make or show an identity.") { CreateNew(), CreateShow() }
        .WithExample("msgnet id new --out alice.key\nmsgnet id show alice.key");

    private static Command CreateNew()
    {
        var file = new Option<FileInfo?>("--out")
        {
            Description = "Where to save it, with mode 0600; never over an existing file.",
            HelpName = "FILE",
            CustomParser = Options.ReadKeyFile,
        };
        var json = CommonOptions.JsonOption();
        var command = new Command("new", "Make an identity.") { file, json }.WithExample("msgnet id new --out alice.key");
        command.SetAction((parsed, _) => Run(parsed.GetValue(json), () =>
        {
            var identity = Identity.Generate();
            if (parsed.GetValue(file) is { } path)
                identity.Save(path.FullName);
            return identity;
        }));
        return command;
    }

    private static Command CreateShow()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "A key file.", CustomParser = Options.ReadKeyFile! };
        var json = CommonOptions.JsonOption();
        var command = new Command("show", "Show the identity of a key file; never its secret.")
        {
            file, json,
        }.WithExample("msgnet id show alice.key");
        command.SetAction((parsed, _) => Run(parsed.GetValue(json), () => Identity.Load(parsed.GetRequiredValue(file).FullName)));
        return command;
    }

    private static Task<int> Run(bool isJson, Func<Identity> make)
    {
        return Failures.Guard(Show, ExitCodes.Failed);

        Task<int> Show()
        {
            using var identity = make();
            var line = new IdentityLine(
                identity.Id.ToString(), Convert.ToHexString(identity.AgreementPublicKey), Convert.ToHexStringLower(identity.PublicKey));
            new Output(isJson).Write(line, $"peer id     {line.PeerId}\nsid         {line.Sid}\npublic key  {line.PublicKey}");
            return Task.FromResult(ExitCodes.Done);
        }
    }
}

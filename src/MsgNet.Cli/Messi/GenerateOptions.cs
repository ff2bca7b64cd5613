using System.CommandLine;
using System.CommandLine.Parsing;
using MsgNet.Messi.Emitter;

namespace MsgNet.Cli.Messi;

/// <summary>What <c>messi generate</c> takes. CLI-081.</summary>
internal sealed class GenerateOptions
{
    public Argument<FileInfo> File { get; } = new("FILE.proto")
    {
        Description = "The protocol, with messages ClientToServer and ServerToClient.",
        CustomParser = Options.ReadFile!,
    };

    public Option<string> Namespace { get; } = new("--namespace")
    {
        Description = "The namespace of the generated classes.",
        HelpName = "N",
        Required = true,
        CustomParser = ReadNamespace,
    };

    public Option<DirectoryInfo> Output { get; } = new("--output", "-o")
    {
        Description = "Where the files go; made when it is not there.",
        HelpName = "DIR",
        Required = true,
        CustomParser = Options.ReadFolder!,
    };

    public Option<MessiSide> Side { get; } = new Option<MessiSide>("--side", "-s")
    {
        Description = "client, server or both (the default).",
        HelpName = "S",
        CustomParser = ReadSide,
    }.WithCompletions("client", "server", "both");

    public Option<DirectoryInfo[]> ImportPaths { get; } = new("--import-path", "-I")
    {
        Description = "Where imported files are; repeatable.",
        HelpName = "DIR",
        DefaultValueFactory = _ => [],
        CustomParser = Options.ReadFolders,
    };

    public Option<FileInfo?> Protoc { get; } = new("--protoc")
    {
        Description = "The protoc to use. Default: that in PATH, or that of the package Grpc.Tools.",
        HelpName = "PATH",
        CustomParser = Options.ReadFile,
    };

    public Option<FileInfo?> DescriptorSet { get; } = new("--descriptor-set")
    {
        Description = "Run no protoc; read what protoc --include_imports --descriptor_set_out has written.",
        HelpName = "FILE",
        CustomParser = Options.ReadFile,
    };

    public Option<bool> Json { get; } = CommonOptions.JsonOption();

    public void AddTo(Command command)
    {
        command.Add(File);
        command.Add(Namespace);
        command.Add(Output);
        command.Add(Side);
        command.Add(ImportPaths);
        command.Add(Protoc);
        command.Add(DescriptorSet);
        command.Add(Json);
    }

    private static string? ReadNamespace(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (text.Split('.').All(CSharpNames.IsIdentifier))
            return text;

        result.AddError($"--namespace takes names with dots between them, such as Example.Chat, not '{text}'");
        return null;
    }

    private static MessiSide ReadSide(ArgumentResult result)
    {
        switch (result.Tokens[0].Value)
        {
            case "client":
                return MessiSide.Client;
            case "server":
                return MessiSide.Server;
            case "both":
                return MessiSide.Both;
            case var other:
                result.AddError($"--side takes client, server or both, not '{other}'");
                return MessiSide.Both;
        }
    }
}

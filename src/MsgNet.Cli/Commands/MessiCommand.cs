using System.CommandLine;
using System.Text;
using MsgNet.Cli.Messi;
using MsgNet.Messi.Emitter;

namespace MsgNet.Cli.Commands;

/// <summary><c>messi generate</c>: the client and the server of a protocol, as files. CLI-081 to CLI-085.</summary>
internal static class MessiCommand
{
    public static Command Create() => new Command("messi", "Typed messages between clients and servers.") { CreateGenerate() }
        .WithExample("msgnet messi generate chat.proto --namespace Chatting -o Generated");

    private static Command CreateGenerate()
    {
        var options = new GenerateOptions();
        var command = new Command("generate", "Write the classes of a protocol that the package MsgNet.Messi makes in a build.")
            .WithExample("msgnet messi generate chat.proto --namespace Chatting -o Generated --side client");
        options.AddTo(command);
        command.SetAction((parsed, interrupt) => Failures.Guard(() => Generate(parsed, options, interrupt), interrupted: ExitCodes.Failed));
        return command;
    }

    private static async Task<int> Generate(ParseResult parsed, GenerateOptions options, CancellationToken interrupt)
    {
        var file = parsed.GetRequiredValue(options.File);
        var proto = parsed.GetValue(options.DescriptorSet) is { } set
            ? ProtoFile.Read(await File.ReadAllBytesAsync(set.FullName, interrupt), file.Name)
            : await Compile(file, parsed.GetValue(options.Protoc), parsed.GetRequiredValue(options.ImportPaths), interrupt);
        if (Read(proto, file.Name, parsed.GetRequiredValue(options.Namespace)) is not { } protocol)
            return ExitCodes.Done;

        var (folder, output) = (parsed.GetRequiredValue(options.Output), new Output(parsed.GetValue(options.Json)));
        Make(folder);
        foreach (var made in MessiEmitter.Emit(protocol, parsed.GetValue(options.Side)))
        {
            var path = Path.Combine(folder.FullName, made.Name);
            await File.WriteAllTextAsync(path, made.Text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), interrupt);
            output.Write(new WrittenLine("written", path), $"wrote {path}");
        }

        return ExitCodes.Done;
    }

    private static void Make(DirectoryInfo folder)
    {
        try
        {
            folder.Create();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EnvironmentException($"the folder '{folder.FullName}' cannot be made: {error.Message}", error);
        }
    }

    private static async Task<ProtoFile> Compile(FileInfo file, FileInfo? program, DirectoryInfo[] imports, CancellationToken interrupt)
    {
        if (!file.Exists)
            throw new FileNotFoundException($"{file.FullName} does not exist.");

        var protoc = program is null ? Protoc.Find() : new Protoc(program.FullName, Include: null);
        return ProtoFile.ReadLast(await protoc.Describe(file.FullName, [.. imports.Select(folder => folder.FullName)], interrupt));
    }

    /// <summary>The protocol of a file; null, and a note, when there is nothing to generate. CLI-083.</summary>
    private static MessiProtocol? Read(ProtoFile proto, string file, string space)
    {
        if (proto.Find("ClientToServer") is not { } toServer || proto.Find("ServerToClient") is not { } toClient)
        {
            Failures.Say($"note: {file} has no messages ClientToServer and ServerToClient: there is nothing to generate.");
            return null;
        }

        if (!CSharpNames.IsIdentifier(proto.ClassName))
            throw new ProtoException($"{file}: the classes are named after the file, and '{proto.ClassName}' is no name: rename the file.");

        var faults = new List<MessiFault>();
        var protocol = MessiRules.Check(proto.ClassName, space, "public", toServer, toClient, faults);
        // CLI-084
        if (faults.Any(fault => !MessiFaults.IsNote(fault.Kind)))
            throw new ProtoException($"{file}: {string.Join(" ", faults.Select(fault => fault.ToString()))}");
        foreach (var note in faults)
            Failures.Say($"note: {file}: {note}");
        return protocol;
    }
}

using System.Reflection;
using System.Runtime.InteropServices;
using MsgNet.EndToEnd.Packages;

namespace MsgNet.EndToEnd;

/// <summary>The command line reads a protocol as the compiler does: both are held to the files that are written down.</summary>
public sealed class MessiGenerateTests
{
    private static readonly string GrpcTools = typeof(MessiGenerateTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "GrpcTools").Value!;

    private static readonly string Platform =
        $"{(OperatingSystem.IsMacOS() ? "macosx" : "linux")}_{RuntimeInformation.OSArchitecture}".ToLowerInvariant();

    private static readonly string Protoc = Path.Combine(GrpcTools, "tools", Platform, "protoc");
    private static readonly string Include = Path.Combine(GrpcTools, "build", "native", "include");
    private static readonly string Protos = RepositoryFiles.PathOf("tests", "MsgNet.Messi.Generator.Tests", "Protos");

    [Theory]
    [Covers("CLI-081", "CLI-085", "MESSI-091", "MESSI-092", "MESSI-093", "MESSI-094")]
    [InlineData("chat.proto", "Chat")]
    [InlineData("my_protocol.proto", "MyProtocol")]
    [InlineData("odd_names.proto", "OddNames")]
    [InlineData("no_package.proto", "NoPackage")]
    public async Task The_files_are_those_that_the_compiler_makes(string file, string protocol)
    {
        using var folder = new TemporaryFolder();
        var output = folder.PathOf("a/b");

        var result = (await Generate(file, output, "--json")).Expect(0);

        var expected = Snapshots.Read(protocol);
        Assert.Equal(4, expected.Count);
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), FilesIn(output));
        foreach (var (name, text) in expected)
            Assert.Equal(text, Snapshots.WithoutVersion(await File.ReadAllTextAsync(Path.Combine(output, name))));
        Assert.All(result.Events, line => Assert.Equal(["event", "file"], line.Names()));
        Assert.Equal(FilesIn(output).Select(name => Path.Combine(output, name)), result.Events.Select(line => line.Text("file")));
    }

    [Theory]
    [Covers("CLI-081", "MESSI-092")]
    [InlineData("client", "Chat.g.cs", "ChatClient.g.cs")]
    [InlineData("server", "Chat.g.cs", "ChatConnection.g.cs", "ChatServer.g.cs")]
    public async Task One_side_is_what_that_side_needs(string side, params string[] files)
    {
        using var folder = new TemporaryFolder();
        var output = folder.PathOf("out");
        var file = Path.Combine(Protos, "chat.proto");

        (await Msgnet.Run("messi", "generate", file, "--namespace", "Generated", "-o", output, "--side", side)).Expect(0);

        Assert.Equal(files, FilesIn(output));
        var protocol = await File.ReadAllTextAsync(Path.Combine(output, "Chat.g.cs"));
        Assert.Equal(side == "client", protocol.Contains("registry.AddClient(", StringComparison.Ordinal));
        Assert.Equal(side == "server", protocol.Contains("registry.AddServer(", StringComparison.Ordinal));
    }

    [Fact]
    [Covers("CLI-081")]
    public async Task Files_that_are_there_are_replaced()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.PathOf("ChatClient.g.cs"), new string('x', 100_000));

        (await Generate("chat.proto", folder.PathOf(""))).Expect(0);

        var text = await File.ReadAllTextAsync(folder.PathOf("ChatClient.g.cs"));
        Assert.Equal(Snapshots.Read("Chat")["ChatClient.g.cs"], Snapshots.WithoutVersion(text));
    }

    [Theory]
    [Covers("CLI-083")]
    [InlineData("shared/kinds.proto", "note: kinds.proto has no messages ClientToServer and ServerToClient: there is nothing to generate.")]
    [InlineData("bad/empty.proto", "note: empty.proto: MSGNETMESSI009: ServerToClient has no messages, so no code is generated for Empty")]
    public async Task A_file_without_messages_is_no_failure(string file, string note)
    {
        using var folder = new TemporaryFolder();

        var result = (await Generate(file, folder.PathOf("out"))).Expect(0);

        Assert.Contains(note, result.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.PathOf("out")));
    }

    [Theory]
    [Covers("CLI-084", "MESSI-074", "MESSI-095")]
    [InlineData("bad/no_oneof.proto", "MSGNETMESSI004: ClientToServer has no oneof")]
    [InlineData("bad/two_oneofs.proto", "MSGNETMESSI005: ClientToServer has 2 oneofs (messages, others)")]
    [InlineData("bad/wrong_name.proto", "MSGNETMESSI006: The oneof in ServerToClient must be called messages, not msgs")]
    [InlineData("bad/scalars.proto",
        "MSGNETMESSI007: The member Text of ClientToServer is no message but string: ",
        "MSGNETMESSI007: The member Level of ServerToClient is no message but scalars.Level: ",
        "MSGNETMESSI007: The member Wrapped of ServerToClient is no message but google.protobuf.Int32Value: ")]
    [InlineData("bad/clashes.proto",
        "MSGNETMESSI008: ClashesClient would have two members called Send, ",
        "MSGNETMESSI008: ClashesServer would have two members called OnConnected, ")]
    public async Task A_protocol_that_cannot_be_is_told_in_one_line(string file, params string[] sentences)
    {
        using var folder = new TemporaryFolder();

        var result = (await Generate(file, folder.PathOf("out"))).Expect(1);

        var line = Assert.Single(result.Errors.TrimEnd().Split('\n'));
        Assert.All(sentences, sentence => Assert.Contains(sentence, line, StringComparison.Ordinal));
        Assert.False(Directory.Exists(folder.PathOf("out")));
    }

    [Fact]
    [Covers("CLI-084")]
    public async Task What_protoc_refuses_is_told_in_its_words()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.PathOf("broken.proto"), "syntax = \"proto3\";\nmessage {\n");

        var result = (await Generate(folder.PathOf("broken.proto"), folder.PathOf("out"))).Expect(1);

        var line = Assert.Single(result.Errors.TrimEnd().Split('\n'));
        Assert.Contains("broken.proto:2:9: Expected message name.", line, StringComparison.Ordinal);
    }

    [Fact]
    [Covers("CLI-082")]
    public async Task A_descriptor_set_needs_no_protoc()
    {
        using var folder = new TemporaryFolder();
        var set = folder.PathOf("set.bin");
        var (code, errors) = await ChildProcess.Run(
            Protoc, Protos, new Dictionary<string, string?>(), "--include_imports", "-I.", "-I" + Include, "--descriptor_set_out=" + set,
            "chat.proto", "odd_names.proto");
        Assert.True(code == 0, errors);
        string[] arguments = ["--descriptor-set", set, "--protoc", "/nonexistent", "--namespace", "Generated", "-o", folder.PathOf("out")];

        (await Msgnet.Run(["messi", "generate", "chat.proto", .. arguments])).Expect(0);
        (await Msgnet.Run(["messi", "generate", "elsewhere/odd_names.proto", .. arguments])).Expect(0);
        var missing = (await Msgnet.Run(["messi", "generate", "other.proto", .. arguments])).Expect(2);

        foreach (var (name, text) in Snapshots.Read("Chat").Concat(Snapshots.Read("OddNames")))
            Assert.Equal(text, Snapshots.WithoutVersion(await File.ReadAllTextAsync(folder.PathOf($"out/{name}"))));
        Assert.Contains("There is no other.proto in the set, but ", missing.Errors, StringComparison.Ordinal);
    }

    [Fact]
    [Covers("CLI-082")]
    public async Task A_machine_without_protoc_is_told_how_to_get_one()
    {
        using var folder = new TemporaryFolder();
        var nothing = new Dictionary<string, string?> { ["PATH"] = folder.PathOf("none"), ["NUGET_PACKAGES"] = folder.PathOf("none") };

        var (code, output) = await RunWith(nothing, folder);

        Assert.True(code == 2, output);
        Assert.Contains("install protobuf-compiler", output, StringComparison.Ordinal);
        Assert.Contains("Grpc.Tools", output, StringComparison.Ordinal);
        Assert.Contains("--protoc PATH", output, StringComparison.Ordinal);
    }

    [Fact]
    [Covers("CLI-082")]
    public async Task Protoc_is_taken_as_named_then_from_the_path_then_from_the_newest_package()
    {
        using var folder = new TemporaryFolder();
        var cache = Path.Combine(folder.PathOf("cache"), "grpc.tools");
        foreach (var version in new[] { "2.9.0", "2.10.0" })
            Fake(Path.Combine(cache, version, "tools", Platform), version);
        Fake(folder.PathOf("path"), "in PATH");
        Fake(folder.PathOf("named"), "named");
        var environment = new Dictionary<string, string?> { ["PATH"] = "/bin", ["NUGET_PACKAGES"] = folder.PathOf("cache") };

        var fromPackage = await RunWith(environment, folder);
        environment["PATH"] = folder.PathOf("path") + ":/bin";
        var fromPath = await RunWith(environment, folder);
        var asNamed = await RunWith(environment, folder, "--protoc", folder.PathOf("named/protoc"));
        var notThere = await RunWith(environment, folder, "--protoc", "/nonexistent/protoc");

        Assert.Contains("protoc 2.10.0", fromPackage.Output, StringComparison.Ordinal);
        Assert.Contains("protoc in PATH", fromPath.Output, StringComparison.Ordinal);
        Assert.Contains("protoc named", asNamed.Output, StringComparison.Ordinal);
        Assert.Contains("/nonexistent/protoc cannot be run: No such file or directory; ", notThere.Output, StringComparison.Ordinal);
        Assert.Equal([1, 1, 1, 2], new[] { fromPackage, fromPath, asNamed, notThere }.Select(run => run.Code));
    }

    [Fact]
    [Covers("CLI-003", "CLI-004")]
    public async Task A_folder_that_cannot_be_one_is_told_by_its_name()
    {
        using var folder = new TemporaryFolder();
        var file = folder.PathOf("file");
        await File.WriteAllTextAsync(file, "");

        var isFile = (await Generate("chat.proto", file)).Expect(64);
        var isBelow = (await Generate("chat.proto", Path.Combine(file, "out"))).Expect(2);
        var isEmpty = (await Generate("chat.proto", folder.PathOf("out"), "--descriptor-set", file)).Expect(2);

        Assert.Equal($"msgnet: -o takes a folder, and '{file}' is a file. See: msgnet messi generate --help", isFile.Errors.TrimEnd());
        Assert.StartsWith($"msgnet: the folder '{file}/out' cannot be made: ", isBelow.Errors, StringComparison.Ordinal);
        Assert.Equal("msgnet: The descriptor set holds no file.", isEmpty.Errors.TrimEnd());
    }

    [Fact]
    [Covers("CLI-003")]
    public async Task A_file_that_is_not_there_is_the_environments_fault() =>
        Assert.Contains(
            "/nowhere.proto does not exist.",
            (await Msgnet.Run("messi", "generate", "nowhere.proto", "--namespace", "N", "-o", ".")).Expect(2).Errors,
            StringComparison.Ordinal);

    private static Task<Msgnet.Result> Generate(string file, string output, params string[] more) => Msgnet.Run(
        [
            "messi", "generate", Path.Combine(Protos, file), "-I", Protos, "-I", Include, "--protoc", Protoc,
            "--namespace", "Generated", "-o", output, .. more,
        ]);

    private static IEnumerable<string> FilesIn(string folder) =>
        Directory.GetFiles(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    /// <summary>Runs it in another environment, whose program of protoc, if any, refuses everything.</summary>
    private static Task<(int Code, string Output)> RunWith(
        IReadOnlyDictionary<string, string?> environment, TemporaryFolder folder, params string[] more) =>
        ChildProcess.Run(
            Path.Combine(PackageFeed.DotnetRoot, "dotnet"), Protos, environment,
            ["exec", Msgnet.Program, "messi", "generate", "chat.proto", "--namespace", "N", "-o", folder.PathOf("out"), .. more]);

    private static void Fake(string folder, string name)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "protoc");
        File.WriteAllText(path, $"#!/bin/sh\necho 'protoc {name}' >&2\nexit 1\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}

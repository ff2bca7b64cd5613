using System.Xml.Linq;

namespace MsgNet.EndToEnd.Packages;

/// <summary>A protocol in a project that has the package MsgNet.Messi, with the generator in it, and nothing of the checkout.</summary>
[Collection(PackagesAlone.Name)]
public sealed class PackageMessiTests(PackageFeed feed)
{
    [Fact]
    [Covers("MESSI-091")]
    public async Task A_new_project_with_a_proto_file_and_one_line_builds_and_runs()
    {
        using var folder = new TemporaryFolder();
        MakeProject(folder);

        await Dotnet(folder, "restore", "--configfile", feed.Configuration);
        await Dotnet(folder, "build", "--no-restore", "-c", "Release", "--output", folder.PathOf("out"));

        var environment = new Dictionary<string, string?> { ["DOTNET_ROOT"] = PackageFeed.DotnetRoot };
        var (code, output) = await ChildProcess.Run("dotnet", folder.PathOf(""), environment, folder.PathOf("out/typed.dll"));
        Assert.True(code == 0, output);
        Assert.Equal("hello, world", output.TrimEnd());
        Assert.Empty(Directory.GetFiles(folder.PathOf("out"), "*Generator*"));
    }

    [SkippableFact]
    [Covers("MESSI-091")]
    public async Task A_trimmed_program_runs_and_nothing_of_ours_is_warned_of()
    {
        await PackageUseTests.RequireRuntimePack();
        using var folder = new TemporaryFolder();
        MakeProject(folder);

        // Google.Protobuf's writer of JSON has one; whether it is used is for programs to know.
        string[] options =
        [
            "--use-current-runtime", "--self-contained", "-p:PublishTrimmed=true;TrimMode=full;TrimmerSingleWarn=false",
            "-p:WarningsNotAsErrors=IL2067",
        ];
        await Dotnet(folder, ["restore", "--configfile", feed.Configuration, options[0], options[2]]);
        var talk = await Dotnet(folder, ["publish", "--no-restore", "-c", "Release", "--output", folder.PathOf("out"), .. options]);
        Assert.DoesNotContain(
            talk.Split('\n'),
            line => line.Contains("warning IL", StringComparison.Ordinal)
                && !line.Contains("Google.Protobuf/JsonFormatter.cs", StringComparison.Ordinal));

        var environment = new Dictionary<string, string?> { ["DOTNET_ROOT"] = "/nonexistent" };
        var (code, output) = await ChildProcess.Run(folder.PathOf("out/typed"), folder.PathOf(""), environment);
        Assert.True(code == 0, output);
        Assert.Equal("hello, world", output.TrimEnd());
    }

    [Fact]
    [Covers("MESSI-095")]
    public async Task A_wrong_protocol_stops_the_build_with_its_id_and_its_place()
    {
        using var folder = new TemporaryFolder();
        MakeProject(folder);
        var proto = folder.PathOf("hello.proto");
        await File.WriteAllTextAsync(
            proto, (await File.ReadAllTextAsync(proto)).Replace("oneof messages", "oneof things", StringComparison.Ordinal));

        await Dotnet(folder, "restore", "--configfile", feed.Configuration);
        var (code, output) = await ChildProcess.Run(
            "dotnet", folder.PathOf(""), feed.Environment, "build", "--no-restore", "-c", "Release", "--output", folder.PathOf("out"));

        Assert.NotEqual(0, code);
        Assert.Matches(@"Hello\.cs\(6,2\): error MSGNETMESSI006: The oneof in ClientToServer must be called messages, not Things", output);
    }

    /// <summary>samples/messi-hello as a project of its own, outside the checkout.</summary>
    private static void MakeProject(TemporaryFolder folder)
    {
        var grpcTools = XDocument.Load(RepositoryFiles.PathOf("Directory.Packages.props")).Descendants("PackageVersion")
            .Single(item => item.Attribute("Include")!.Value == "Grpc.Tools").Attribute("Version")!.Value;
        XElement.Parse($"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <InvariantGlobalization>true</InvariantGlobalization>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="MsgNet.Messi" Version="{PackageFeed.Version}" />
                <PackageReference Include="Grpc.Tools" Version="{grpcTools}" PrivateAssets="all" />
                <Protobuf Include="hello.proto" GrpcServices="None" />
              </ItemGroup>
            </Project>
            """).Save(folder.PathOf("typed.csproj"));
        foreach (var file in new[] { "hello.proto", "Hello.cs", "Program.cs" })
            File.Copy(RepositoryFiles.PathOf("samples", "messi-hello", file), folder.PathOf(file));
    }

    private async Task<string> Dotnet(TemporaryFolder folder, params string[] arguments)
    {
        var (code, output) = await ChildProcess.Run("dotnet", folder.PathOf(""), feed.Environment, arguments);
        Assert.True(code == 0, $"dotnet {string.Join(' ', arguments)}\n{output}");
        return output;
    }
}

using System.Xml.Linq;

namespace MsgNet.EndToEnd.Packages;

/// <summary>What somebody does with the packages who has no checkout: install the tool, build a program, publish it trimmed.</summary>
[Collection(PackagesAlone.Name)]
public sealed class PackageUseTests(PackageFeed feed)
{
    private static readonly IReadOnlyDictionary<string, string?> WithDotnet =
        new Dictionary<string, string?> { ["DOTNET_ROOT"] = PackageFeed.DotnetRoot };

    [Fact]
    public async Task The_tool_installs_and_runs()
    {
        using var folder = new TemporaryFolder();
        await Dotnet(
            folder, "tool", "install", PackageFeed.Tool, "--tool-path", folder.PathOf("tools"), "--configfile", feed.Configuration);

        var (code, output) = await ChildProcess.Run(folder.PathOf("tools/msgnet"), folder.PathOf(""), WithDotnet, "id", "new", "--json");

        Assert.True(code == 0, output);
        Assert.True(PeerId.TryParse(Msgnet.Parse(output).Text("peerId"), out _));
    }

    [Fact]
    public async Task A_new_program_builds_against_them_without_a_network_and_exchanges_a_message()
    {
        using var folder = new TemporaryFolder();
        MakeProject(folder, usesMsgNet: true);

        await Dotnet(folder, "restore", "--configfile", feed.Configuration);
        await Dotnet(folder, "build", "--no-restore", "-c", "Release", "--output", folder.PathOf("out"));

        await Exchange("dotnet", WithDotnet, folder.PathOf("out/hello.dll"));
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)] // Everything is kept and therefore analysed: warnings in members hello does not call are found too.
    public async Task A_trimmed_program_has_no_warnings_and_exchanges_a_message(bool keepsAll)
    {
        using var folder = new TemporaryFolder();
        await RequireRuntimePack();
        MakeProject(folder, usesMsgNet: true);

        string[] options = ["--use-current-runtime", "--self-contained", $"-p:Trims=true;KeepsAll={keepsAll}"];
        await Dotnet(folder, ["restore", "--configfile", feed.Configuration, options[0], options[2]]);
        await Dotnet(folder, ["publish", "--no-restore", "-c", "Release", "--output", folder.PathOf("out"), .. options]);

        var kept = File.Exists(folder.PathOf("out/Google.Protobuf.dll"));
        Assert.Equal(keepsAll, kept);
        await Exchange(folder.PathOf("out/hello"), new Dictionary<string, string?> { ["DOTNET_ROOT"] = "/nonexistent" });
    }

    /// <summary>Two processes of the sample: one listens, one sends, the first prints what came.</summary>
    private static async Task Exchange(string program, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        var folder = Path.GetTempPath();
        using var listener = new ChildProcess(program, folder, environment, [.. arguments, "listen"]);
        var address = await listener.ReadLine("/ip4/127.0.0.1/");

        var (code, output) = await ChildProcess.Run(program, folder, environment, [.. arguments, "send", address]);

        Assert.True(code == 0, output);
        Assert.Matches("^12D3Koo[0-9A-Za-z]+ says hello, world$", await listener.ReadLine("12D3Koo"));
    }

    /// <summary>
    /// Self-contained programs need the runtime as a package. It is asked for by a project without MsgNet, so that a failure of MsgNet's
    /// packages is never taken for a missing capability.
    /// </summary>
    internal static async Task RequireRuntimePack()
    {
        using var probe = new TemporaryFolder();
        MakeProject(probe, usesMsgNet: false);
        var (code, output) = await ChildProcess.Run(
            "dotnet", probe.PathOf(""), PackageFeed.Quiet, "restore", "--use-current-runtime", "-p:Trims=true");
        Skip.If(code != 0, $"needs the package Microsoft.NETCore.App.Runtime of this platform, which does not restore here:\n{output}");
    }

    /// <summary>samples/hello as a project of its own, outside the checkout.</summary>
    private static void MakeProject(TemporaryFolder folder, bool usesMsgNet)
    {
        var project = XElement.Parse("""
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
              <PropertyGroup Condition="'$(Trims)' == 'true'">
                <SelfContained>true</SelfContained>
                <PublishTrimmed>true</PublishTrimmed>
                <TrimMode>full</TrimMode>
                <TrimmerSingleWarn>false</TrimmerSingleWarn>
              </PropertyGroup>
              <ItemGroup Condition="'$(KeepsAll)' == 'True'">
                <TrimmerRootAssembly Include="MsgNet" />
                <TrimmerRootAssembly Include="MsgNet.Core" />
              </ItemGroup>
            </Project>
            """);
        if (usesMsgNet)
        {
            var reference = new XElement(
                "PackageReference", new XAttribute("Include", "MsgNet"), new XAttribute("Version", PackageFeed.Version));
            project.Add(new XElement("ItemGroup", reference));
            File.Copy(RepositoryFiles.PathOf("samples", "hello", "Program.cs"), folder.PathOf("Program.cs"));
        }

        project.Save(folder.PathOf("hello.csproj"));
    }

    private async Task Dotnet(TemporaryFolder folder, params string[] arguments)
    {
        var (code, output) = await ChildProcess.Run("dotnet", folder.PathOf(""), feed.Environment, arguments);
        Assert.True(code == 0, $"dotnet {string.Join(' ', arguments)}\n{output}");
    }
}

using System.Reflection;
using System.Xml.Linq;

namespace MsgNet.EndToEnd.Packages;

/// <summary>
/// The packages of this build, packed once by <c>eng/pack.sh</c> into a folder that serves as the only source of packages. What they depend
/// on is in the machine's package folder since the build restored it there, so that restoring needs no network.
/// </summary>
public sealed class PackageFeed : IAsyncLifetime, IDisposable
{
    public static readonly string[] Libraries = ["MsgNet.Core", "MsgNet", "MsgNet.Messi", "MsgNet.Simulation"];
    public const string Tool = "MsgNet.Cli";

    private readonly TemporaryFolder folder = new();

    /// <summary>The version of everything, from its one place.</summary>
    public static string Version { get; } =
        XDocument.Load(RepositoryFiles.PathOf("Directory.Build.props")).Descendants("Version").Single().Value;

    /// <summary>A NuGet configuration: this feed and the machine's package folder, and no other source.</summary>
    public string Configuration => folder.PathOf("nuget.config");

    /// <summary>
    /// For processes that restore or build: no server stays behind and holds the output open, and the packages of this build stay out of
    /// the machine's package folder, which takes a version for what it was when it first saw it.
    /// </summary>
    public IReadOnlyDictionary<string, string?> Environment => new Dictionary<string, string?>(Quiet)
    {
        ["NUGET_PACKAGES"] = folder.PathOf("restored"),
    };

    /// <summary>The same, with the machine's package folder and its sources.</summary>
    public static IReadOnlyDictionary<string, string?> Quiet { get; } = new Dictionary<string, string?>
    {
        ["MSBUILDDISABLENODEREUSE"] = "1",
        ["UseSharedCompilation"] = "false",
        ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
        ["DOTNET_NOLOGO"] = "1",
        ["CONFIGURATION"] = ConfigurationOfThisBuild,
    };

    /// <summary>The .NET installation these tests run on, for programs that must find it.</summary>
    public static string DotnetRoot { get; } =
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));

    private static string ConfigurationOfThisBuild => new DirectoryInfo(Msgnet.Program).Parent!.Parent!.Name;

    public string PathOf(string package) => folder.PathOf($"feed/{package}.{Version}.nupkg");

    public async Task InitializeAsync()
    {
        var (code, output) = await ChildProcess.Run(
            "bash", RepositoryFiles.Root, Quiet, RepositoryFiles.PathOf("eng", "pack.sh"), "--no-build", "--output", folder.PathOf("feed"));
        Assert.True(code == 0, output);
        new XDocument(
            new XElement("configuration",
                new XElement("packageSources",
                    new XElement("clear"),
                    new XElement("add", new XAttribute("key", "build"), new XAttribute("value", folder.PathOf("feed")))),
                new XElement("fallbackPackageFolders",
                    new XElement("add", new XAttribute("key", "machine"), new XAttribute("value", MachineFolder)))))
            .Save(Configuration);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => folder.Dispose();

    private static string MachineFolder => typeof(PackageFeed).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "NuGetPackages").Value!;
}

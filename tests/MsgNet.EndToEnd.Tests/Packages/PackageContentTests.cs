using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace MsgNet.EndToEnd.Packages;

/// <summary>What is in the packages, and nothing else.</summary>
[Collection(PackagesAlone.Name)]
public sealed class PackageContentTests(PackageFeed feed)
{
    private const string Framework = "net10.0";

    public static TheoryData<string> Libraries => [.. PackageFeed.Libraries];

    public static TheoryData<string> Packages => [.. PackageFeed.Libraries, PackageFeed.Tool];

    [Theory]
    [MemberData(nameof(Packages))]
    public void It_says_what_it_is_and_who_may_use_it(string package)
    {
        using var archive = ZipFile.OpenRead(feed.PathOf(package));
        var metadata = Nuspec(archive);

        Assert.Equal((package, PackageFeed.Version), (Value(metadata, "id"), Value(metadata, "version")));
        Assert.Equal(("MIT", "README.md"), (Value(metadata, "license"), Value(metadata, "readme")));
        Assert.Contains("libp2p", Value(metadata, "tags"), StringComparison.Ordinal);
        Assert.NotEqual("", Value(metadata, "description"));
        Assert.NotEqual("", Value(metadata, "authors"));
        Assert.Equal(Read(archive, "LICENSE"), File.ReadAllText(RepositoryFiles.PathOf("LICENSE")));
        Assert.Equal(Read(archive, "README.md"), File.ReadAllText(RepositoryFiles.PathOf("src", package, "README.md")));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_library_is_one_assembly_with_its_documentation(string package)
    {
        using var archive = ZipFile.OpenRead(feed.PathOf(package));

        // What runs in the compilers of users.
        string[] analyzers = package == "MsgNet.Messi" ? ["analyzers/dotnet/cs/MsgNet.Messi.Generator.dll"] : [];
        Assert.Equal(
            ["LICENSE", $"{package}.nuspec", "README.md", .. analyzers, $"lib/{Framework}/{package}.dll", $"lib/{Framework}/{package}.xml"],
            Files(archive));
        var documented = XDocument.Parse(Read(archive, $"lib/{Framework}/{package}.xml")).Descendants("member")
            .Select(member => member.Attribute("name")!.Value);
        Assert.InRange(documented.Count(name => name.StartsWith("T:MsgNet", StringComparison.Ordinal)), 5, 10_000);
    }

    [Theory]
    [InlineData("MsgNet.Core", "SimpleBase")]
    [InlineData(
        "MsgNet",
        "MsgNet.Core",
        "Google.Protobuf",
        "Microsoft.Extensions.Configuration.Abstractions",
        "Microsoft.Extensions.DependencyInjection.Abstractions",
        "Microsoft.Extensions.Diagnostics.HealthChecks",
        "Microsoft.Extensions.Hosting.Abstractions",
        "Microsoft.Extensions.Logging.Abstractions",
        "Microsoft.Extensions.Options")]
    [InlineData(
        "MsgNet.Messi",
        "MsgNet.Core",
        "MsgNet",
        "Google.Protobuf",
        "Microsoft.Extensions.DependencyInjection.Abstractions",
        "Microsoft.Extensions.Hosting.Abstractions",
        "Microsoft.Extensions.Logging.Abstractions",
        "Microsoft.Extensions.Options")]
    [InlineData("MsgNet.Simulation", "MsgNet.Core", "MsgNet")]
    [InlineData("MsgNet.Cli")]
    public void It_depends_on_what_it_refers_to_and_on_its_siblings_exactly(string package, params string[] dependencies)
    {
        using var archive = ZipFile.OpenRead(feed.PathOf(package));
        var versions = XDocument.Load(RepositoryFiles.PathOf("Directory.Packages.props")).Descendants("PackageVersion")
            .ToDictionary(item => item.Attribute("Include")!.Value, item => item.Attribute("Version")!.Value);

        var expected = dependencies.Select(name =>
            $"{name} {(name.StartsWith("MsgNet", StringComparison.Ordinal) ? $"[{PackageFeed.Version}]" : versions[name])}");
        var actual = Nuspec(archive).Descendants().Where(element => element.Name.LocalName == "dependency")
            .Select(element => $"{element.Attribute("id")!.Value} {element.Attribute("version")!.Value}");
        Assert.Equal(expected.Order(StringComparer.Ordinal), actual.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_tool_carries_what_it_needs_to_run_and_nothing_of_the_tests()
    {
        using var archive = ZipFile.OpenRead(feed.PathOf(PackageFeed.Tool));
        var assemblies = Files(archive).Where(file => file.EndsWith(".dll", StringComparison.Ordinal))
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Where(name => !name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal));

        Assert.Equal(
            [
                "Google.Protobuf", "MsgNet", "MsgNet.Cli", "MsgNet.Core", "MsgNet.Simulation", "SimpleBase", "Spectre.Console",
                "System.CommandLine",
            ],
            assemblies.Order(StringComparer.Ordinal));
        var settings = XDocument.Parse(Read(archive, $"tools/{Framework}/any/DotnetToolSettings.xml")).Descendants("Command").Single();
        Assert.Equal(("msgnet", "MsgNet.Cli.dll"), (settings.Attribute("Name")!.Value, settings.Attribute("EntryPoint")!.Value));
    }

    [Theory]
    [InlineData("MsgNet.Core", "MsgNet.Core")]
    [InlineData("MsgNet", "MsgNet")]
    [InlineData("MsgNet.Simulation", "MsgNet.Simulation")]
    [InlineData("MsgNet.Messi", "MsgNet.Messi")]
    [InlineData("MsgNet.Messi", "MsgNet.Messi.Generator")]
    [InlineData("MsgNet.Cli", "MsgNet.Cli")]
    [InlineData("MsgNet.Cli", "MsgNet")]
    public void Assemblies_carry_their_symbols_and_no_path_of_this_machine(string package, string assembly)
    {
        using var archive = ZipFile.OpenRead(feed.PathOf(package));
        using var stream = new MemoryStream();
        using (var entry = archive.Entries.Single(entry => entry.Name == assembly + ".dll").Open())
            entry.CopyTo(stream);
        stream.Position = 0;
        using var file = new PEReader(stream);

        var embedded = file.ReadDebugDirectory().Single(entry => entry.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
        using var symbols = file.ReadEmbeddedPortablePdbDebugDirectoryData(embedded);
        var reader = symbols.GetMetadataReader();
        var documents = reader.Documents.Select(handle => reader.GetString(reader.GetDocument(handle).Name)).ToArray();
        Assert.InRange(documents.Length, 5, 10_000);
        Assert.All(documents, document => Assert.StartsWith("/_/src/", document, StringComparison.Ordinal));
    }

    /// <summary>The files of a package, without those of the container format.</summary>
    private static IEnumerable<string> Files(ZipArchive archive) => archive.Entries.Select(entry => entry.FullName)
        .Where(name => name is not ("_rels/.rels" or "[Content_Types].xml") && !name.StartsWith("package/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    private static XElement Nuspec(ZipArchive archive) =>
        XDocument.Parse(Read(archive, Files(archive).Single(name => name.EndsWith(".nuspec", StringComparison.Ordinal)))).Root!;

    private static string Value(XElement nuspec, string name) =>
        nuspec.Descendants().Single(element => element.Name.LocalName == name).Value;

    private static string Read(ZipArchive archive, string name)
    {
        using var reader = new StreamReader(archive.GetEntry(name)!.Open());
        return reader.ReadToEnd();
    }
}

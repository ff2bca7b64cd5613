#!/usr/bin/env dotnet
#:property PublishAot=false
// Breaks the security code on purpose, one check at a time, and runs the test that must notice. The list is tests/mutants.json; what each one
// stands for is in specs/security.md. Works on a copy, never on the checkout. Usage: dotnet run eng/mutants.cs [NAME-PART]
using System.Diagnostics;
using System.Text.Json;

var root = Path.GetDirectoryName(Path.GetDirectoryName(SourcePath()))!;
var wanted = args.Length > 0 ? args[0] : "";
var mutants = JsonSerializer.Deserialize(File.ReadAllText(Path.Combine(root, "tests", "mutants.json")), MutantContext.Default.MutantArray)!
    .Where(mutant => mutant.Name.Contains(wanted, StringComparison.OrdinalIgnoreCase))
    .ToArray();
var copy = Directory.CreateTempSubdirectory("msgnet-mutants-").FullName;
var survivors = new List<string>();
try
{
    Copy(root, copy);
    foreach (var project in mutants.Select(mutant => mutant.Project).Distinct())
    {
        // Unbroken, every named test must pass: a test that always fails kills nothing.
        var tests = string.Join('|', mutants.Where(mutant => mutant.Project == project).Select(mutant => Filter(mutant)).Distinct());
        if (Test(project, tests, out var log) != 0)
            throw new InvalidOperationException($"{project}: the tests do not pass before anything is broken.\n{log}");
    }

    foreach (var mutant in mutants)
    {
        var watch = Stopwatch.StartNew();
        var verdict = Kill(mutant);
        Console.WriteLine($"{verdict,-9} {mutant.Rule,-8} {mutant.Name} ({watch.Elapsed.TotalSeconds:0} s)");
        if (verdict != "killed")
            survivors.Add(mutant.Name);
    }
}
finally
{
    Directory.Delete(copy, recursive: true);
}

Console.WriteLine($"{mutants.Length - survivors.Count} of {mutants.Length} killed");
return survivors.Count == 0 ? 0 : 1;

string Kill(Mutant mutant)
{
    var path = Path.Combine(copy, mutant.File);
    var text = File.ReadAllText(path);
    if (text.Split(mutant.Find).Length != 2)
        return "not found"; // the code has moved on: the list must follow

    File.WriteAllText(path, text.Replace(mutant.Find, mutant.Replace, StringComparison.Ordinal));
    try
    {
        var code = Test(mutant.Project, Filter(mutant), out var log);
        if (code == 0)
            return "SURVIVED";
        if (log.Contains("Failed!", StringComparison.Ordinal))
            return "killed";

        Console.Error.WriteLine(log);
        return "no build";
    }
    finally
    {
        File.WriteAllText(path, text);
    }
}

int Test(string project, string filter, out string log)
{
    var start = new ProcessStartInfo("dotnet")
    {
        ArgumentList =
        {
            "test", Path.Combine(copy, project), "-c", "Release", "-nologo", "-p:TreatWarningsAsErrors=false", "--filter", filter,
        },
        WorkingDirectory = copy,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };
    using var process = Process.Start(start)!;
    var errors = process.StandardError.ReadToEndAsync();
    log = process.StandardOutput.ReadToEnd() + errors.Result;
    process.WaitForExit();
    return process.ExitCode;
}

static string Filter(Mutant mutant) => $"FullyQualifiedName~{mutant.Test}";

static void Copy(string from, string to)
{
    foreach (var folder in new[] { "src", "tests", "specs", "samples" })
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(from, folder), "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(from, file);
            if (relative.Split(Path.DirectorySeparatorChar) is not { } parts || parts.Contains("bin") || parts.Contains("obj"))
                continue;

            var target = Path.Combine(to, relative);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    foreach (var file in Directory.EnumerateFiles(from))
        File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
}

static string SourcePath([System.Runtime.CompilerServices.CallerFilePath] string path = "") => path;

internal sealed record Mutant(string Name, string Rule, string File, string Find, string Replace, string Project, string Test);

[System.Text.Json.Serialization.JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
[System.Text.Json.Serialization.JsonSerializable(typeof(Mutant[]))]
internal sealed partial class MutantContext : System.Text.Json.Serialization.JsonSerializerContext;

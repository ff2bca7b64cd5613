#!/usr/bin/env dotnet
#:property PublishAot=false
// Breaks the security code on purpose, one check at a time, and runs the test that must notice. The list is tests/mutants.json; what each one
// stands for is in specs/security.md. Works on a copy, never on the checkout. Usage: dotnet run eng/mutants.cs [NAME-PART…]
using System.Diagnostics;
using System.Text.Json;

var root = Path.GetDirectoryName(Path.GetDirectoryName(SourcePath()))!;
var mutants = JsonSerializer.Deserialize(File.ReadAllText(Path.Combine(root, "tests", "mutants.json")), MutantContext.Default.MutantArray)!
    .Where(mutant => args.Length == 0 || args.Any(part => mutant.Name.Contains(part, StringComparison.OrdinalIgnoreCase)))
    .ToArray();
var copy = Directory.CreateTempSubdirectory("msgnet-mutants-").FullName;
var survivors = new List<string>();
try
{
    Copy(root, copy);
    foreach (var project in mutants.Select(mutant => mutant.Project).Distinct())
    {
        // Unbroken, every named test must pass: a test that always fails kills nothing.
        var tests = string.Join('|', mutants.Where(mutant => mutant.Project == project).Select(Filter).Distinct());
        if (Build(project, out var log) != 0 || Test(project, tests, out log) != Outcome.Passed)
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
    var broken = mutant.Edits[0].File.Split('/')[1];
    var library = Path.Combine(copy, mutant.Project, "bin", "Release", "net10.0", $"{broken}.dll");
    var originals = mutant.Edits.Select(edit => edit.File).Distinct().ToDictionary(file => file, file => File.ReadAllText(Path.Combine(copy, file)));
    var whole = File.ReadAllBytes(library);
    try
    {
        foreach (var edit in mutant.Edits)
        {
            var path = Path.Combine(copy, edit.File);
            var text = File.ReadAllText(path);
            if (text.Split(edit.Find).Length != 2)
                return "not found"; // the code has moved on: the list must follow

            File.WriteAllText(path, text.Replace(edit.Find, edit.Replace, StringComparison.Ordinal));
        }

        // One library, without what looks at style; the test's own binary stays as it is.
        if (Build($"src/{broken}", out var log, "--no-restore", "-p:BuildProjectReferences=false") != 0)
        {
            Console.Error.WriteLine(log);
            return "no build";
        }

        File.Copy(Path.Combine(copy, "src", broken, "bin", "Release", "net10.0", $"{broken}.dll"), library, overwrite: true);
        return Test(mutant.Project, Filter(mutant), out _) == Outcome.Passed ? "SURVIVED" : "killed";
    }
    finally
    {
        foreach (var (file, text) in originals)
            File.WriteAllText(Path.Combine(copy, file), text);
        File.WriteAllBytes(library, whole);
    }
}

int Build(string project, out string log, params string[] more) => Run(
    out log,
    ["build", project, "-c", "Release", "-nologo", "-v", "quiet", "-p:TreatWarningsAsErrors=false", "-p:RunAnalyzers=false", .. more]);

Outcome Test(string project, string filter, out string log)
{
    Run(out log, "test", project, "-c", "Release", "-nologo", "--no-build", "--filter", filter, "--blame-hang-timeout", "120s");

    // "Failed!" is the last line of a run with failures; a test that hangs or takes the process with it has noticed too.
    if (log.Contains("Passed!", StringComparison.Ordinal))
        return Outcome.Passed;
    if (log.Contains("Failed!", StringComparison.Ordinal) || log.Contains("Test Run Aborted", StringComparison.Ordinal))
        return Outcome.Failed;

    throw new InvalidOperationException($"{project}: no test ran.\n{log}");
}

int Run(out string log, params string[] arguments)
{
    var start = new ProcessStartInfo("dotnet", arguments)
    {
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

internal enum Outcome
{
    Passed,
    Failed,
}

internal sealed record Edit(string File, string Find, string Replace);

internal sealed record Mutant(string Name, string Rule, Edit[] Edits, string Project, string Test);

[System.Text.Json.Serialization.JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
[System.Text.Json.Serialization.JsonSerializable(typeof(Mutant[]))]
internal sealed partial class MutantContext : System.Text.Json.Serialization.JsonSerializerContext;

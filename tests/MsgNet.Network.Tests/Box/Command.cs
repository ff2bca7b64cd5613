using System.Diagnostics;

namespace MsgNet.NetworkTests;

/// <summary>Programs that are run for their effect.</summary>
internal static class Command
{
    /// <summary>Runs a program to its end and returns its standard output.</summary>
    /// <exception cref="InvalidOperationException">It ended with another code than 0.</exception>
    public static string Run(string program, params string[] arguments)
    {
        var (code, output, errors) = Start(program, arguments, "");
        return code == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {code}: {errors}");
    }

    /// <summary>Runs a program with something on its standard input.</summary>
    /// <exception cref="InvalidOperationException">It ended with another code than 0.</exception>
    public static void Feed(string input, string program, params string[] arguments)
    {
        var (code, _, errors) = Start(program, arguments, input);
        if (code != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {code}: {errors}");
    }

    /// <summary>True when the program is there and ends with 0.</summary>
    public static bool Succeeds(string program, params string[] arguments)
    {
        try
        {
            return Start(program, arguments, "").Code == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // no such program
        }
    }

    private static (int Code, string Output, string Errors) Start(string program, string[] arguments, string input)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}

using System.Runtime.CompilerServices;
using System.Text;

namespace MsgNet.Cli;

/// <summary>Standard input, line by line.</summary>
internal static class InputLines
{
    /// <summary>Each line as UTF-8, without its end, until the end of input.</summary>
    public static async IAsyncEnumerable<byte[]> Read([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);

        // The console's reads cannot be cancelled; an abandoned one ends with the process.
        while (await Task.Run(reader.ReadLine, CancellationToken.None).WaitAsync(cancellationToken) is { } line)
            yield return Encoding.UTF8.GetBytes(line);
    }
}

using System.Text.Json;

namespace MsgNet.Cli;

/// <summary>
/// Standard output: the result, as lines for people or as one JSON object per line, flushed line by line. Safe on any thread.
/// CLI-001, CLI-002.
/// </summary>
internal sealed class Output(bool isJson)
{
    public bool IsJson => isJson;

    /// <summary>Writes a line: <paramref name="line"/> as JSON, or <paramref name="text"/>.</summary>
    public void Write<TLine>(TLine line, string text)
        where TLine : notnull =>
        Console.Out.WriteLine(isJson ? JsonSerializer.Serialize(line, typeof(TLine), JsonEventContext.Lines) : text);

    /// <summary>Prints where a host can be dialled.</summary>
    public void WriteAddresses(IMessageHost host)
    {
        foreach (var address in host.Addresses)
            Write(new ListeningLine("listening", address.ToString()), $"listening on {address}");
    }
}

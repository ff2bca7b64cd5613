using System.Text;
using Google.Protobuf.Reflection;

namespace MsgNet.Cli.Messi;

/// <summary>What protoc calls things in C#, by the rules that Protocol Buffers document for generated C# code. CLI-085.</summary>
internal static class CSharpNames
{
    /// <summary>Names of properties that would hide what every message has; protoc puts a line behind them.</summary>
    private static readonly HashSet<string> Taken =
    [
        "Types", "Descriptor", "Parser", "Equals", "ToString", "GetHashCode", "WriteTo", "Clone", "CalculateSize", "MergeFrom",
        "OnConstruction",
    ];

    /// <summary>The namespace of a file's types; empty for the global one.</summary>
    public static string Namespace(FileDescriptorProto file) =>
        file.Options is { HasCsharpNamespace: true } options ? options.CsharpNamespace : Pascal(file.Package, keepsDots: true);

    /// <summary>The property that holds a field.</summary>
    public static string Property(string field, string message)
    {
        var name = Pascal(field);
        return name == message || Taken.Contains(name) ? name + "_" : name;
    }

    /// <summary>The value that stands for a member in the enum of its oneof; None means there that no member is set.</summary>
    public static string Case(string property) => property == "None" ? "None_" : property;

    /// <summary>The class of a file, from its name: <c>my_protocol.proto</c> is MyProtocol.</summary>
    public static string Class(string file) => Pascal(Path.GetFileNameWithoutExtension(file));

    /// <summary>Whether C# takes it as a name.</summary>
    public static bool IsIdentifier(string text) => text.Length > 0
        && (char.IsLetter(text[0]) || text[0] == '_')
        && text.All(character => char.IsLetterOrDigit(character) || character == '_');

    /// <summary>
    /// A name of a <c>.proto</c> file as one of C#: letters behind anything but a letter become capitals, and what is neither letter nor
    /// digit is left out.
    /// </summary>
    private static string Pascal(string name) => Pascal(name, keepsDots: false);

    private static string Pascal(string name, bool keepsDots)
    {
        var text = new StringBuilder(name.Length);
        var isWordStart = true;
        foreach (var character in name)
        {
            if (char.IsAsciiLetter(character))
                text.Append(isWordStart ? char.ToUpperInvariant(character) : character);
            else if (char.IsAsciiDigit(character) || (character == '.' && keepsDots))
                text.Append(character);
            isWordStart = !char.IsAsciiLetter(character);
        }

        // An identifier starts with no digit: then the line before it stays.
        return text.Length > 0 && char.IsAsciiDigit(text[0]) && name[0] == '_' ? $"_{text}" : text.ToString();
    }
}

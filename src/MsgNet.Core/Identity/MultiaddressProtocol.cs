using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// One protocol of the multiaddress table: its code, its name and the shape of its value. See <see cref="MultiaddressProtocols"/>.
/// </summary>
/// <remarks>Immutable; there is one instance per protocol, so references compare.</remarks>
public sealed class MultiaddressProtocol
{
    /// <summary>The <see cref="ValueLength"/> of a value that carries its own length.</summary>
    public const int VariableLength = -1;

    internal MultiaddressProtocol(int code, string name, int valueLength, MultiaddressValueKind kind, string example)
    {
        Code = code;
        Name = name;
        ValueLength = valueLength;
        Kind = kind;
        Example = kind == MultiaddressValueKind.None ? $"/{name}" : $"/{name}/{example}";
    }

    /// <summary>The multicodec number, written as a uvarint.</summary>
    public int Code { get; }

    /// <summary>The name between slashes, such as <c>udp</c>.</summary>
    public string Name { get; }

    /// <summary>Bytes of the value: 0 for none, <see cref="VariableLength"/> for a value with its own length in front.</summary>
    public int ValueLength { get; }

    /// <summary>True when a value follows the name.</summary>
    public bool HasValue => ValueLength != 0;

    /// <summary>A right component, such as <c>/udp/4001</c>.</summary>
    public string Example { get; }

    internal MultiaddressValueKind Kind { get; }

    /// <summary>True when nothing may follow: the value is a path and takes the rest of the text.</summary>
    internal bool IsTerminal => Kind == MultiaddressValueKind.UnixPath;

    /// <summary>The name after a slash.</summary>
    public override string ToString() => $"/{Name}";
}

using System.Buffers;
using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// The name of a protocol, such as <c>/kad/1.0</c>: 1 to 140 printable ASCII characters (0x20 to 0x7E). A value; converts from
/// <see cref="string"/>.
/// </summary>
/// <remarks>
/// Immutable and safe on any thread. The hash is computed once. The default value names nothing and is refused everywhere.
/// </remarks>
public readonly struct ProtocolId : IEquatable<ProtocolId>
{
    private static readonly SearchValues<char> Printable =
        SearchValues.Create([.. Enumerable.Range(0x20, 0x5F).Select(code => (char)code)]);

    private readonly string? name;
    private readonly int hash;

    /// <summary>Names a protocol.</summary>
    /// <param name="name">1 to 140 printable ASCII characters.</param>
    /// <exception cref="ArgumentException">The name is empty, too long, or holds another character.</exception>
    public ProtocolId(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsValid(name))
        {
            throw new ArgumentException(
                $"'{name}' cannot name a protocol: use 1 to {Limits.ProtocolNameMax} printable ASCII characters, such as \"/kad/1.0\".",
                nameof(name));
        }

        this.name = string.Intern(name);
        hash = StringComparer.Ordinal.GetHashCode(name);
    }

    /// <summary>The name as text; empty for the default value.</summary>
    public string Name => name ?? "";

    /// <summary>True for the default value, which names nothing.</summary>
    public bool IsEmpty => name is null;

    /// <summary>True when <paramref name="name"/> can name a protocol.</summary>
    public static bool IsValid(ReadOnlySpan<char> name) =>
        name.Length is >= 1 and <= Limits.ProtocolNameMax && !name.ContainsAnyExcept(Printable);

    /// <summary>Names a protocol; see <see cref="ProtocolId(string)"/>.</summary>
    public static ProtocolId FromString(string name) => new(name);

    /// <summary>Names a protocol; see <see cref="ProtocolId(string)"/>.</summary>
    public static implicit operator ProtocolId(string name) => new(name); // API-003

    /// <inheritdoc/>
    public bool Equals(ProtocolId other) => ReferenceEquals(name, other.name);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ProtocolId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => hash;

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Equality of names.</summary>
    public static bool operator ==(ProtocolId left, ProtocolId right) => left.Equals(right);

    /// <summary>Difference of names.</summary>
    public static bool operator !=(ProtocolId left, ProtocolId right) => !left.Equals(right);
}

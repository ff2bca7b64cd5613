using MsgNet.Core;

namespace MsgNet;

/// <summary>One component of a <see cref="Multiaddress"/>: a protocol and its value. Immutable; it keeps its address alive.</summary>
public readonly struct MultiaddressComponent : IEquatable<MultiaddressComponent>
{
    private readonly MultiaddressProtocol? protocol;
    private readonly ReadOnlyMemory<byte> value;

    internal MultiaddressComponent(MultiaddressProtocol protocol, ReadOnlyMemory<byte> value)
    {
        this.protocol = protocol;
        this.value = value;
    }

    /// <summary>The protocol.</summary>
    /// <exception cref="InvalidOperationException">This is the default value, which is no component.</exception>
    public MultiaddressProtocol Protocol => protocol
        ?? throw new InvalidOperationException("This is the default value, no component: take components from Multiaddress.Components.");

    /// <summary>The value in binary, without a length in front; empty when the protocol has none.</summary>
    public ReadOnlySpan<byte> ValueBytes => value.Span;

    /// <summary>The value as text, such as <c>4001</c>; empty when the protocol has none. Built at each call.</summary>
    public string Value => MultiaddressValueText.Format(Protocol, value.Span);

    /// <summary>The component as it stands in an address, such as <c>/udp/4001</c>.</summary>
    public override string ToString() => protocol switch
    {
        null => "",
        { HasValue: true } => $"/{protocol.Name}/{Value}",
        _ => $"/{protocol.Name}",
    };

    /// <summary>True for the same protocol and value.</summary>
    public bool Equals(MultiaddressComponent other) =>
        ReferenceEquals(protocol, other.protocol) && value.Span.SequenceEqual(other.value.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is MultiaddressComponent other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(protocol?.Code);
        hash.AddBytes(value.Span);
        return hash.ToHashCode();
    }

    /// <summary>Equality of protocol and value.</summary>
    public static bool operator ==(MultiaddressComponent left, MultiaddressComponent right) => left.Equals(right);

    /// <summary>Difference of protocol or value.</summary>
    public static bool operator !=(MultiaddressComponent left, MultiaddressComponent right) => !left.Equals(right);
}

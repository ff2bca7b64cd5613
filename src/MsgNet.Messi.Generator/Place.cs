using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace MsgNet.Messi.Generator;

/// <summary>Where something stands, without holding on to the syntax tree.</summary>
internal sealed record Place(string Path, TextSpan Span, LinePositionSpan Lines)
{
    public static Place Of(SyntaxReference reference)
    {
        var lines = reference.SyntaxTree.GetLineSpan(reference.Span);
        return new Place(lines.Path, reference.Span, lines.Span);
    }

    public Location ToLocation() => Location.Create(Path, Span, Lines);
}

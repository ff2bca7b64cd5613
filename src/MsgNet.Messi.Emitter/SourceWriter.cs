using System.Text;

namespace MsgNet.Messi.Emitter;

/// <summary>Collects the text of a generated file: lines with line feeds, indented by blocks.</summary>
internal sealed class SourceWriter
{
    private const int IndentSize = 4;

    private readonly StringBuilder text = new();
    private int depth;

    /// <summary>Writes lines; those of <paramref name="lines"/> keep the indentation they have among themselves.</summary>
    public SourceWriter Write(string lines)
    {
        foreach (var line in lines.Split('\n'))
        {
            // This source may have been checked out with carriage returns.
            var trimmed = line.TrimEnd();
            text.Append(' ', trimmed.Length == 0 ? 0 : depth * IndentSize).Append(trimmed).Append('\n');
        }

        return this;
    }

    /// <summary>Writes lines after an empty one, but for the first lines of a block.</summary>
    public SourceWriter Paragraph(string lines)
    {
        if (text.Length > 1 && !EndsWith("{\n") && !EndsWith("\n\n"))
            text.Append('\n');
        return Write(lines);
    }

    /// <summary>Opens a block.</summary>
    public SourceWriter Open()
    {
        Write("{");
        depth++;
        return this;
    }

    /// <summary>Closes a block.</summary>
    public SourceWriter Close() => Close("");

    /// <summary>Closes a block, with something behind its brace.</summary>
    public SourceWriter Close(string end)
    {
        depth--;
        return Write("}" + end);
    }

    /// <inheritdoc/>
    public override string ToString() => text.ToString();

    private bool EndsWith(string end)
    {
        for (var i = 0; i < end.Length; i++)
        {
            if (text[text.Length - end.Length + i] != end[i])
                return false;
        }

        return true;
    }
}

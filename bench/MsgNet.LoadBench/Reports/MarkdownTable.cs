using System.Text;

namespace MsgNet.LoadBench.Reports;

/// <summary>A table of Markdown, made row by row.</summary>
/// <param name="columns">Its head; what begins with a &lt; is set to the left, without it.</param>
internal sealed class MarkdownTable(params string[] columns)
{
    private readonly List<string[]> rows = [];

    public bool IsEmpty => rows.Count == 0;

    public void Add(params string[] cells)
    {
        if (cells.Length != columns.Length)
            throw new ArgumentException($"A row has {cells.Length} cells, the table {columns.Length} columns.", nameof(cells));
        rows.Add(cells);
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        Append(text, columns.Select(column => column.TrimStart('<')));
        Append(text, columns.Select(column => column.StartsWith('<') ? ":---" : "---:"));
        foreach (var row in rows)
            Append(text, row);
        return text.ToString();
    }

    private static void Append(StringBuilder text, IEnumerable<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
}

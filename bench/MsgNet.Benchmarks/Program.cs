using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using Perfolizer.Horology;
using Perfolizer.Metrology;

// Everything: -- --filter '*'. A quick look: -- --filter '*Seal*' --job short --inProcess. What links carry, in virtual time: -- links.
// Messi over TCP, in two processes: -- messi [SECONDS ROUNDS].
if (args is ["links"])
{
    MsgNet.Benchmarks.LinkTable.Write(Console.Out);
    return;
}

if (args is ["messi-server"])
{
    await MsgNet.Benchmarks.Loads.ServerProcess.Run(Console.In, Console.Out);
    return;
}

if (args is ["messi"] or ["messi", _, _])
{
    var seconds = args is [_, var first, _] ? double.Parse(first, CultureInfo.InvariantCulture) : 2;
    var rounds = args is [_, _, var second] ? int.Parse(second, CultureInfo.InvariantCulture) : 3;
    await MsgNet.Benchmarks.Loads.MessiTables.Write(Console.Out, TimeSpan.FromSeconds(seconds), rounds);
    return;
}

// One unit in all tables, and medians: a shared machine has outliers.
var config = DefaultConfig.Instance
    .WithSummaryStyle(SummaryStyle.Default.WithTimeUnit(TimeUnit.Nanosecond).WithSizeUnit(SizeUnit.B))
    .AddColumn(StatisticColumn.Median)
    .HideColumns(Column.Mean, Column.Error, Column.StdDev, Column.Gen0, Column.Gen1, Column.Gen2);
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);

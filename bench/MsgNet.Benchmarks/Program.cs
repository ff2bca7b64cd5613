using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using Perfolizer.Horology;
using Perfolizer.Metrology;

// Everything: -- --filter '*'. A quick look: -- --filter '*Seal*' --job short --inProcess. What links carry, in virtual time: -- links.
if (args is ["links"])
{
    MsgNet.Benchmarks.LinkTable.Write(Console.Out);
    return;
}

// One unit in all tables, and medians: a shared machine has outliers.
var config = DefaultConfig.Instance
    .WithSummaryStyle(SummaryStyle.Default.WithTimeUnit(TimeUnit.Nanosecond).WithSizeUnit(SizeUnit.B))
    .AddColumn(StatisticColumn.Median)
    .HideColumns(Column.Mean, Column.Error, Column.StdDev, Column.Gen0, Column.Gen1, Column.Gen2);
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);

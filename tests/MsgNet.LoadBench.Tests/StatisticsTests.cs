using MsgNet.LoadBench.Contestants;
using MsgNet.LoadBench.Reports;
using MsgNet.LoadBench.Results;

namespace MsgNet.LoadBench.Tests;

/// <summary>What is made of numbers before anybody reads them.</summary>
public sealed class StatisticsTests
{
    [Theory]
    [InlineData(new[] { 3.0 }, 3.0)]
    [InlineData(new[] { 9.0, 1.0, 5.0 }, 5.0)]
    [InlineData(new[] { 4.0, 1.0, 2.0, 100.0 }, 3.0)]
    [InlineData(new double[0], double.NaN)]
    public void The_median_is_the_middle(double[] values, double expected) => Assert.Equal(expected, Statistics.Median(values));

    [Fact]
    public void Ratios_are_of_values_of_one_round()
    {
        (int, double)[] ours = [(0, 10), (1, 30), (3, 5)];
        (int, double)[] bars = [(1, 10), (0, 2), (2, 7)];

        Assert.Equal([5.0, 3.0], Statistics.Ratios(ours, bars));
    }

    [Theory]
    [InlineData(0.0, "0.00")]
    [InlineData(9.994, "9.99")]
    [InlineData(12.34, "12.3")]
    [InlineData(9_999.0, "9999")]
    [InlineData(10_000.0, "10.0 k")]
    [InlineData(12_700_000.0, "12.7 M")]
    [InlineData(2_100_000_000.0, "2.10 G")]
    [InlineData(double.NaN, "–")]
    public void Numbers_are_short(double value, string expected) => Assert.Equal(expected, Numbers.Short(value));

    [Fact]
    public void A_row_has_as_many_cells_as_the_table_has_columns()
    {
        var table = new MarkdownTable("<A", "B");
        table.Add("x|y", "1");

        Assert.Equal("| A | B |\n| :--- | ---: |\n| x\\|y | 1 |\n", table.ToString());
        Assert.Throws<ArgumentException>(() => table.Add("alone"));
    }

    [Fact]
    public void Quantiles_are_times_that_were_measured()
    {
        var times = new RoundTrips();
        Assert.Equal(0, times.QuantileMicroseconds(0.5));

        times.AddSince(0);
        Assert.Equal(1, times.Count);
        Assert.Equal(times.QuantileMicroseconds(0.5), times.QuantileMicroseconds(0.999));

        times.Clear();
        Assert.Equal(0, times.Count);
        Assert.Equal(0, times.QuantileMicroseconds(0.5));
    }
}

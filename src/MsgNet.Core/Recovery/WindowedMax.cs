namespace MsgNet.Core;

/// <summary>
/// The largest value of the last <see cref="Window"/> rounds in constant space: the best, and the best two of what came after it
/// (Kathleen Nichols' filter, as the Linux kernel's win_minmax uses it).
/// </summary>
internal struct WindowedMax
{
    /// <summary>Rounds a value counts for.</summary>
    public const long Window = 10;

    private (long Round, double Value) first;
    private (long Round, double Value) second;
    private (long Round, double Value) third;

    /// <summary>The largest value; 0 before the first.</summary>
    public readonly double Best => first.Value;

    public void Update(long round, double value)
    {
        var sample = (round, value);
        if (value >= first.Value || round - third.Round > Window)
        {
            first = second = third = sample;
            return;
        }

        if (value >= second.Value)
            second = third = sample;
        else if (value >= third.Value)
            third = sample;

        Age(sample);
    }

    private void Age((long Round, double Value) sample)
    {
        var age = sample.Round - first.Round;
        if (age > Window)
        {
            (first, second, third) = (second, third, sample);
            if (sample.Round - first.Round > Window)
                (first, second) = (second, third);
        }
        else if (second.Round == first.Round && age > Window / 4)
        {
            second = third = sample;
        }
        else if (third.Round == second.Round && age > Window / 2)
        {
            third = sample;
        }
    }
}

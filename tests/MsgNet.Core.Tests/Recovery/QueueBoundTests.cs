using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Recovery;

public sealed class QueueBoundTests
{
    private const long Flight = 100_000;
    private const long Step = 5_000;
    private static readonly TimeSpan MinRoundTrip = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan Room = TimeSpan.FromMilliseconds(10);
    private QueueBound bound = new();

    [Fact]
    [Covers("REC-066")]
    public void A_standing_queue_takes_in_proportion_and_gives_a_step()
    {
        Judge(60);
        Assert.Equal((long)(Flight * 50.0 / 60) + Step, bound.Bytes);
        var before = bound.Bytes;
        Judge(75);
        Assert.Equal((long)(before * 50.0 / 75) + Step, bound.Bytes);
    }

    [Fact]
    [Covers("REC-066")]
    public void One_sample_within_the_room_says_that_none_stands()
    {
        Judge(60, oneSample: 50);
        Assert.Equal(long.MaxValue, bound.Bytes);
        Judge(60);
        var before = bound.Bytes;
        Judge(60, oneSample: 50);
        Assert.Equal(before + Step, bound.Bytes);
    }

    [Fact]
    [Covers("REC-066")]
    public void Seven_samples_are_no_round()
    {
        Judge(60, samples: 7);
        Assert.Equal(long.MaxValue, bound.Bytes);
        Judge(60, samples: 1);
        Assert.True(bound.Bytes < Flight);
    }

    [Fact]
    [Covers("REC-066")]
    public void Where_enough_is_allowed_the_bound_ends()
    {
        Judge(60);
        for (var rounds = 0; rounds < 100; rounds++)
            Judge(45);
        Assert.Equal(long.MaxValue, bound.Bytes);
    }

    private void Judge(int milliseconds, int samples = 8, int? oneSample = null)
    {
        bound.OnSent(Flight);
        bound.OnSent(Flight / 2);
        for (var i = 0; i < samples; i++)
            bound.OnRoundTrip(TimeSpan.FromMilliseconds(i == 3 ? oneSample ?? milliseconds : milliseconds));
        bound.Judge(MinRoundTrip, Room, Step, 3 * Flight);
        bound.StartRound();
    }
}

using MsgNet.Testing;

namespace MsgNet.Tests.Network;

/// <summary>The lock that does outside what was left for later.</summary>
public class GateTests
{
    private readonly Gate gate = new();
    private readonly Work work;

    public GateTests()
    {
        work = new Work(gate);
        gate.Attach(work);
    }

    [Fact]
    [Covers("API-113", "API-234")]
    public void What_was_left_is_done_by_whoever_leaves_outside()
    {
        using (gate.Enter())
        {
            Assert.True(gate.IsHeldByCurrentThread);
            work.Left = 3;
            Assert.Equal(0, work.Done);
        }

        Assert.False(gate.IsHeldByCurrentThread);
        Assert.Equal((3, 0), (work.Done, work.DoneInside));
        using (gate.Enter())
        {
        }

        Assert.Equal(3, work.Done);
    }

    [Fact]
    [Covers("API-234")]
    public void Only_the_outermost_leaving_counts()
    {
        using (gate.Enter())
        {
            Assert.False(gate.IsNested);
            using (gate.Enter())
            {
                Assert.True(gate.IsNested);
                work.Left = 1;
            }

            Assert.True(gate.IsHeldByCurrentThread);
            Assert.Equal(0, work.Done);
        }

        Assert.Equal((1, 0), (work.Done, work.DoneInside));
    }

    [Fact]
    [Covers("API-234")]
    public void A_thread_does_its_share_and_leaves_the_rest_to_another()
    {
        using (gate.Enter())
            work.Left = 1_000;
        Assert.Equal((16, 1), (work.Done, work.Overs));
        using (gate.Enter())
        {
        }

        Assert.Equal((32, 2), (work.Done, work.Overs));
    }

    [Fact]
    [Covers("API-234")]
    public void Who_comes_meanwhile_does_not_wait()
    {
        var entered = false;
        work.Doing = () =>
        {
            var other = new Thread(() =>
            {
                using (gate.Enter())
                    entered = true;
            });
            other.Start();
            Assert.True(other.Join(TimeSpan.FromSeconds(20)));
        };
        using (gate.Enter())
            work.Left = 1;
        Assert.True(entered);
        Assert.Equal(1, work.Done);
    }

    [Fact]
    public void Work_that_fails_leaves_the_gate_free()
    {
        work.Doing = () => throw new InvalidTimeZoneException();
        Assert.Throws<InvalidTimeZoneException>(() =>
        {
            using (gate.Enter())
                work.Left = 1;
        });
        Assert.False(gate.IsHeldByCurrentThread);
        Assert.Equal(1, work.Failures);
        work.Doing = null;
        using (gate.Enter())
            Assert.False(gate.IsNested);
    }

    private sealed class Work(Gate gate) : IGateWork
    {
        public int Left { get; set; }

        public int Done { get; private set; }

        public int DoneInside { get; private set; }

        public int Overs { get; private set; }

        public int Failures { get; private set; }

        public Action? Doing { get; set; }

        public bool IsPending => Left > 0;

        public Action? Begin(bool isOver)
        {
            Assert.True(gate.IsHeldByCurrentThread);
            Overs += isOver ? 1 : 0;
            if (isOver || Left == 0)
                return null;

            Left--;
            return Perform;
        }

        public void OnFailed()
        {
            Assert.True(gate.IsHeldByCurrentThread);
            Failures++;
        }

        private void Perform()
        {
            Done++;
            DoneInside += gate.IsHeldByCurrentThread ? 1 : 0;
            Doing?.Invoke();
        }
    }
}

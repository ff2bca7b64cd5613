using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Multipacket;

public sealed class PendingRequestsTests
{
    private static readonly TimeSpan Pto = TimeSpan.FromMilliseconds(100);
    private readonly PendingRequests pending = new();

    [Fact]
    [Covers("REQ-021")]
    public void Request_is_sent_again_after_pto_doubling_with_the_same_bytes()
    {
        Add(0, 1);
        var sent = new List<int>();
        for (var ms = 0; ms <= 10_000; ms++)
        {
            if (!pending.TryPeekDue(At(ms), out var request))
                continue;
            Assert.Equal(At(ms), pending.NextTimer);
            Assert.Equal("frame 1"u8, request.Data);
            pending.OnSent(At(ms), request.Id, Pto);
            sent.Add(ms);
        }

        Assert.Equal([100, 300, 700, 1500, 3100, 6300], sent);
        Assert.True(pending.TryTakeExpired(At(10_000), out var taken));
        Assert.Equal(new TakenRequest(1, "/a", "state 1"), taken);
    }

    [Fact]
    [Covers("REQ-011", "REQ-022")]
    public void First_end_of_a_request_wins()
    {
        Add(0, 1);
        Assert.True(pending.TryTake(1, out var taken));
        Assert.Equal(new TakenRequest(1, "/a", "state 1"), taken);
        Assert.False(pending.TryTake(1, out _));
        Assert.False(pending.TryTake(2, out _));
        Assert.False(pending.TryTakeExpired(At(20_000), out _));
        Assert.False(pending.TryPeekDue(At(20_000), out _));
        Assert.True(pending.NextTimer.IsNever);
    }

    [Fact]
    [Covers("REQ-022")]
    public void Deadline_takes_the_request_out_at_its_moment()
    {
        pending.AddOnce(1, "/a", null, At(50), carrier: this);
        Assert.Equal(At(50), pending.NextTimer);
        Assert.False(pending.TryTakeExpired(At(49), out _));
        Assert.False(pending.TryPeekDue(At(50), out _));
        Assert.True(pending.TryTakeExpired(At(50), out _));
        Assert.Equal(0, pending.Count);
    }

    [Fact]
    [Covers("REQ-025")]
    public void Lost_session_takes_every_request_once()
    {
        for (var id = 1UL; id <= 100; id++)
            pending.AddOnce(id, "/a", null, id % 2 == 0 ? Instant.Never : At((int)id), this);
        var taken = new HashSet<ulong>();
        while (pending.TryTakeAny(out var request))
            Assert.True(taken.Add(request.Id));
        Assert.Equal(100, taken.Count);
        Assert.Equal(0, pending.Count);
    }

    [Fact]
    public void Answer_returns_by_the_way_of_its_question()
    {
        var other = new object();
        pending.AddOnce(1, "/a", null, At(50), carrier: this);
        Add(0, 2);
        Assert.False(pending.TryTakeReplied(1, carrier: null, out _));
        Assert.False(pending.TryTakeReplied(1, other, out _));
        Assert.False(pending.TryTakeReplied(2, this, out _));
        Assert.Equal(2, pending.Count);
        Assert.True(pending.TryTakeReplied(1, this, out var first));
        Assert.True(pending.TryTakeReplied(2, carrier: null, out var second));
        Assert.Equal((1ul, 2ul), (first.Id, second.Id));
    }

    [Fact]
    public void Lane_that_ends_takes_its_requests_along_and_no_other()
    {
        var other = new object();
        for (var id = 1UL; id <= 20; id++)
            pending.AddOnce(id, "/a", null, At(50), id % 2 == 0 ? this : other);
        Add(0, 21);
        var taken = new HashSet<ulong>();
        while (pending.TryTakeCarried(this, out var request))
            Assert.True(taken.Add(request.Id));
        Assert.Equal(Enumerable.Range(1, 10).Select(half => 2ul * (ulong)half), taken.Order());
        Assert.Equal(11, pending.Count);

        // The object is used again, for a request that datagrams carry.
        Add(0, 22);
        Assert.False(pending.TryTakeCarried(this, out _));
    }

    [Fact]
    public void Request_that_cannot_be_sent_now_hides_no_other()
    {
        Add(0, 1);
        Add(1, 2);
        Assert.True(pending.TryPeekDue(At(200), out var first));
        Assert.Equal(1UL, first.Id);
        pending.Defer(first, At(500));
        Assert.Equal(1, first.Sends);
        Assert.True(pending.TryPeekDue(At(200), out var second));
        Assert.Equal(2UL, second.Id);
        pending.OnSent(At(200), second.Id, Pto);
        Assert.Equal(At(400), pending.NextTimer);
    }

    [Fact]
    public void Request_that_waits_to_be_sent_is_not_repeated_but_fails_in_time()
    {
        pending.Add(1, "/a", "data"u8, "state", At(500));
        Assert.Equal(At(500), pending.NextTimer);
        Assert.False(pending.TryPeekDue(At(499), out _));
        Assert.True(pending.TryGetData(1, out var data));
        Assert.Equal("data"u8, data);
        Assert.True(pending.TryTakeExpired(At(500), out _));
        Assert.False(pending.TryGetData(1, out _));
    }

    [Fact]
    [Covers("SEC-104")]
    public void Restarted_peer_takes_what_was_sent_before_and_nothing_else()
    {
        Add(10, 1);
        Add(20, 2);
        pending.Add(3, "/a", [1], null, At(1000));
        Assert.True(pending.TryTakeSentBefore(At(20), out var taken));
        Assert.Equal(1UL, taken.Id);
        Assert.False(pending.TryTakeSentBefore(At(20), out _));
        Assert.Equal(2, pending.Count);
    }

    [Fact]
    public void Data_is_a_copy()
    {
        var frame = "frame"u8.ToArray();
        pending.Add(1, "/a", frame, null, At(1000));
        pending.OnSent(At(0), 1, Pto);
        frame.AsSpan().Clear();
        Assert.True(pending.TryPeekDue(At(100), out var request));
        Assert.Equal("frame"u8, request.Data);
    }

    [Fact]
    public void Misuse_is_refused()
    {
        Add(0, 1);
        Assert.Throws<ArgumentException>(() => Add(0, 1));
        Assert.ThrowsAny<ArgumentException>(() => pending.OnSent(At(0), 1, TimeSpan.Zero));
        Assert.Equal(1, pending.Count);
        Assert.True(pending.TryPeekDue(At(100), out var request));
        Assert.True(pending.TryTake(1, out _));
        Assert.Throws<ArgumentException>(() => pending.Defer(request, At(1)));
        pending.OnSent(At(1), 1, Pto);
        Assert.Equal(0, pending.Count);
        Assert.True(pending.NextTimer.IsNever);
    }

    [Fact]
    [Covers("REQ-021", "REQ-022")]
    public void Order_agrees_with_a_plain_list()
    {
        var random = new Random(5);
        var model = new Dictionary<ulong, (Instant Next, Instant Deadline)>();
        var id = 0UL;
        for (var ms = 0; ms < 100_000; ms++)
        {
            if (model.Count < Limits.OpenIdsMax && random.Next(3) > 0)
            {
                var deadline = At(ms + random.Next(1, 3000));
                var pto = random.Next(-100, 500);
                if (pto <= 0)
                    pending.AddOnce(++id, "/a", id, deadline, this);
                else
                    AddSent(At(ms), ++id, TimeSpan.FromMilliseconds(pto), deadline);
                model.Add(id, (pto <= 0 ? Instant.Never : At(ms + pto), deadline));
            }

            if (model.Count > 0 && random.Next(4) == 0)
            {
                var gone = model.Keys.ElementAt(random.Next(Math.Min(10, model.Count)));
                Assert.True(pending.TryTake(gone, out var taken));
                Assert.Equal(gone, (ulong)taken.State!);
                model.Remove(gone);
            }

            while (pending.TryTakeExpired(At(ms), out var expired))
            {
                Assert.Equal(model.Min(pair => pair.Value.Deadline), model[expired.Id].Deadline);
                Assert.True(model[expired.Id].Deadline <= At(ms));
                model.Remove(expired.Id);
            }

            while (pending.TryPeekDue(At(ms), out var due))
            {
                Assert.True(model[due.Id].Next <= At(ms));
                var pto = random.Next(1, 500);
                var doubled = pto << due.Sends;
                pending.OnSent(At(ms), due.Id, TimeSpan.FromMilliseconds(pto));
                model[due.Id] = (At(ms + doubled), due.Deadline);
            }

            if (ms % 50 == 0)
                Assert.Equal(Earliest(model.Values), pending.NextTimer);
        }

        Assert.True(id > 50_000);
    }

    [Fact]
    public void Steady_traffic_allocates_nothing()
    {
        var id = 0UL;
        Rounds(100);
        Allocations.AssertNone(() => Rounds(4_900));

        void Rounds(int count)
        {
            for (var i = 0; i < count; i++)
                Round(++id);
        }
    }

    private void Round(ulong id)
    {
        pending.Add(id, Protocol, "frame"u8, this, At((int)id + 1000));
        pending.OnSent(At((int)id), id, Pto);
        if (pending.TryPeekDue(At((int)id + 100), out var request))
            pending.OnSent(At((int)id + 100), request.Id, Pto);
        pending.TryTake(id, out _);
    }

    private static ProtocolId Protocol { get; } = "/a";

    private static Instant Earliest(IEnumerable<(Instant Next, Instant Deadline)> requests) =>
        requests.Aggregate(Instant.Never, (earliest, request) => Instant.Min(earliest, Instant.Min(request.Next, request.Deadline)));

    private void AddSent(Instant now, ulong id, TimeSpan pto, Instant deadline)
    {
        pending.Add(id, "/a", [1], id, deadline);
        pending.OnSent(now, id, pto);
    }

    private void Add(int milliseconds, ulong id)
    {
        var frame = System.Text.Encoding.ASCII.GetBytes($"frame {id}");
        pending.Add(id, "/a", frame, $"state {id}", At(milliseconds + 10_000));
        pending.OnSent(At(milliseconds), id, Pto);
    }

    private static Instant At(int milliseconds) => Instant.FromMicroseconds(milliseconds * 1000L);
}

using System.Text;
using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Multipacket;

public sealed class ReplyStoreTests
{
    private readonly IncomingIds ids = new();
    private readonly ReplyStore store;

    public ReplyStoreTests() => store = new ReplyStore(ids);

    [Fact]
    [Covers("REQ-023", "REQ-024", "REQ-004")]
    public void Request_runs_once_then_silence_then_its_reply_then_silence()
    {
        Assert.Equal("New", On(0, 1));
        Assert.Equal("Seen", On(1, 1));
        Assert.True(store.Complete(At(2), 1, ReplyStatus.Ok, "answer"u8));
        Assert.Equal("Ok answer", On(3, 1));
        Assert.Equal("Ok answer", On(30_001, 1));
        Assert.Equal("Seen", On(30_002, 1));
        Assert.Equal((0, 0), (store.Count, store.Bytes));
    }

    [Fact]
    [Covers("REQ-004")]
    public void Id_taken_by_a_once_message_runs_no_request()
    {
        Assert.True(ids.TryAccept(1));
        Assert.Equal("Seen", On(0, 1));
    }

    [Fact]
    public void First_reply_of_a_request_stands()
    {
        On(0, 1);
        Assert.True(store.Complete(At(0), 1, ReplyStatus.NoReply, default));
        Assert.False(store.Complete(At(0), 1, ReplyStatus.Ok, "late"u8));
        Assert.Equal("NoReply ", On(0, 1));
    }

    [Fact]
    [Covers("REQ-023")]
    public void One_reply_more_than_ids_may_be_open_pushes_the_oldest_out()
    {
        const ulong last = 1_025;
        for (var id = 1UL; id <= last; id++)
        {
            On(0, id);
            store.Complete(At(0), id, ReplyStatus.Ok, Encoding.ASCII.GetBytes($"{id}"));
        }

        Assert.Equal("Seen", On(0, 1));
        for (var id = 2UL; id <= last; id++)
            Assert.Equal($"Ok {id}", On(0, id));
        Assert.Equal(Limits.StoredRepliesMax, store.Count);
    }

    [Fact]
    [Covers("REQ-023")]
    public void Replies_stay_in_order_when_the_store_grows_after_some_have_gone()
    {
        for (var id = 1UL; id <= 4; id++)
        {
            On(0, id);
            store.Complete(At(id < 3 ? 0 : 1_000), id, ReplyStatus.Ok, Encoding.ASCII.GetBytes($"{id}"));
        }

        store.Expire(At(30_000));
        Assert.Equal(2, store.Count);
        for (var id = 5UL; id <= 9; id++)
        {
            On(30_000, id);
            store.Complete(At(30_000), id, ReplyStatus.Ok, Encoding.ASCII.GetBytes($"{id}"));
        }

        Assert.Equal("Seen", On(30_000, 2));
        for (var id = 3UL; id <= 9; id++)
            Assert.Equal($"Ok {id}", On(30_000, id));
        Assert.Equal(At(31_000), store.NextTimer);
        store.Expire(At(31_000));
        Assert.Equal(5, store.Count);
        Assert.Equal(At(60_000), store.NextTimer);
    }

    [Fact]
    [Covers("REQ-023")]
    public void Bytes_are_bounded_and_the_oldest_goes()
    {
        On(0, 1);
        On(0, 2);
        On(0, 3);
        Assert.True(store.Complete(At(0), 1, ReplyStatus.Ok, new byte[30_000]));
        Assert.True(store.Complete(At(0), 2, ReplyStatus.Ok, new byte[35_536]));
        Assert.Equal(Limits.StoredReplyBytesMax, store.Bytes);
        Assert.True(store.Complete(At(0), 3, ReplyStatus.Ok, new byte[1]));
        Assert.Equal("Seen", On(0, 1));
        Assert.Equal((2, 35_537), (store.Count, store.Bytes));
        Assert.False(store.Complete(At(0), 4, ReplyStatus.Ok, new byte[Limits.StoredReplyBytesMax + 1]));
        Assert.Equal(2, store.Count);
        Assert.True(store.Complete(At(0), 5, ReplyStatus.Ok, new byte[Limits.UnreliableMessageMax]));
        Assert.Equal((2, 1 + Limits.UnreliableMessageMax), (store.Count, store.Bytes));
    }

    [Fact]
    [Covers("REQ-023")]
    public void Timer_is_the_oldest_replys()
    {
        Assert.True(store.NextTimer.IsNever);
        On(0, 1);
        store.Complete(At(5), 1, ReplyStatus.Ok, "a"u8);
        store.Complete(At(7), 2, ReplyStatus.Ok, "b"u8);
        Assert.Equal(At(30_005), store.NextTimer);
        store.Expire(At(30_005));
        Assert.Equal(At(30_007), store.NextTimer);
        store.Expire(At(30_007));
        Assert.True(store.NextTimer.IsNever);
    }

    [Fact]
    public void A_burst_leaves_nothing_behind_and_the_next_one_is_kept_like_it()
    {
        for (var burst = 0; burst < 2; burst++)
        {
            var (milliseconds, first) = (burst * 40_000, (ulong)(burst * 500) + 1);
            for (var id = first; id < first + 500; id++)
            {
                On(milliseconds, id);
                store.Complete(At(milliseconds), id, ReplyStatus.Ok, Encoding.ASCII.GetBytes($"{id}"));
            }

            Assert.Equal($"Ok {first}", On(milliseconds + 30_000 - 1, first));
            store.Expire(At(milliseconds + 30_000));
            Assert.Equal((0, 0), (store.Count, store.Bytes));
            Assert.Equal("Seen", On(milliseconds + 30_000, first));
        }
    }

    [Fact]
    public void What_a_burst_needed_is_let_go_when_its_last_reply_has_expired()
    {
        const int needed = 500 * 24; // a place for each reply, at the least
        Assert.InRange(AllocatedBy(first: 1, milliseconds: 0), needed, int.MaxValue);
        Assert.InRange(AllocatedBy(first: 501, milliseconds: 40_000), needed, int.MaxValue);

        long AllocatedBy(ulong first, int milliseconds)
        {
            store.Expire(At(milliseconds));
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var id = first; id < first + 500; id++)
                store.Complete(At(milliseconds), id, ReplyStatus.Ok, default);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void Steady_traffic_allocates_nothing()
    {
        var message = new byte[300];
        var id = 0UL;
        Rounds(300);
        Allocations.AssertNone(() => Rounds(9_700));

        void Rounds(int count)
        {
            for (var i = 0; i < count; i++)
                Round(++id, message);
        }
    }

    private void Round(ulong id, byte[] message)
    {
        store.OnRequest(At((int)id), id, out _);
        store.Complete(At((int)id), id, ReplyStatus.Ok, message);
        store.OnRequest(At((int)id), id, out _);
    }

    private string On(int milliseconds, ulong id)
    {
        var status = store.OnRequest(At(milliseconds), id, out var reply);
        return status == RequestVerdict.Replied ? $"{reply.Status} {Encoding.ASCII.GetString(reply.Message)}" : $"{status}";
    }

    private static Instant At(int milliseconds) => Instant.FromMicroseconds(milliseconds * 1000L);
}

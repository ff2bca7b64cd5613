using System.Text;
using MsgNet.Core;
using MsgNet.Testing;
using static MsgNet.Tests.HandlerRig;

namespace MsgNet.Tests.Host;

public sealed class HandlerAllocationTests
{
    private readonly HandlerRig rig = new();
    private readonly RecordingInbox inbox = new();
    private readonly byte[] small = Encoding.ASCII.GetBytes("hello");
    private readonly byte[] large = new byte[Limits.UnreliableMessageMax];

    [Theory]
    [InlineData(1, false)]
    [InlineData(4, false)]
    [InlineData(1, true)]
    public void Queueing_and_handling_allocates_nothing(int concurrency, bool inline)
    {
        var sum = 0L;
        rig.SetHandler(
            (message, _) =>
            {
                sum += message.Data.Length;
                return ValueTask.CompletedTask;
            },
            new HandlerOptions { Concurrency = concurrency, Inline = inline });
        for (var i = 0; i < 50; i++)
            Round();
        Allocations.AssertAtMost<byte>(0, default, _ =>
        {
            for (var i = 0; i < 200; i++)
                Round();
        });
        Assert.True(sum > 0);
    }

    private void Round()
    {
        inbox.Handled.Clear();
        for (var i = 0; i < 20; i++)
        {
            rig.Deliver(Alice, small);
            rig.Deliver(Bob, small, inbox, 1);
            rig.Deliver(Carol, i % 10 == 0 ? large : small);
        }

        rig.Run();
    }
}

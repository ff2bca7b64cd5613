using MsgNet.Testing;

namespace MsgNet.Tests.Lanes;

/// <summary>What a reliable message costs in garbage, from the call that sends it to the handler, and back to who waits for it.</summary>
[Collection(nameof(WholeProcess))]
[Covers("API-105")]
public sealed class LaneAllocationTests : IAsyncLifetime
{
    private AllocationRig rig = null!;

    public async Task InitializeAsync() => rig = await AllocationRig.Start();

    public async Task DisposeAsync() => await rig.DisposeAsync();

    [Theory]
    [InlineData(32, true, Delivery.Reliable)]
    [InlineData(256, true, Delivery.ReliableOrdered)]
    [InlineData(1_200, true, Delivery.ReliableOrdered)]
    [InlineData(32, false, Delivery.ReliableOrdered)]
    [InlineData(1_200, false, Delivery.Reliable)]
    [InlineData(4_000, true, Delivery.Reliable)]
    [InlineData(4_000, false, Delivery.ReliableOrdered)]
    public async Task Host_messages_allocate_nothing(int size, bool inline, Delivery delivery)
    {
        rig.SetHandler(inline);
        var data = new byte[size];
        var options = new SendOptions { Delivery = delivery };
        await rig.AssertAllocatesNothing(() => rig.Send(data, options), AllocationRig.Messages);
    }

    [Theory]
    [InlineData(32, true)]
    [InlineData(1_200, false)]
    public async Task Session_messages_allocate_nothing(int size, bool inline)
    {
        rig.SetHandler(inline);
        var data = new byte[size];
        await using var session = rig.OpenSession(SendOptions.Ordered);
        await rig.AssertAllocatesNothing(
            () => session.TrySend(data) ? ValueTask.CompletedTask : session.SendMessage(data), AllocationRig.Messages);
    }

    [Theory]
    [Covers("API-223")]
    [InlineData(32, true, 50)]
    [InlineData(1_200, false, 50)]
    [InlineData(4_000, true, 100)]
    public async Task Several_messages_of_a_call_allocate_nothing_waiting_for_room_included(int size, bool inline, int count)
    {
        rig.SetHandler(inline);
        var messages = Enumerable.Repeat((ReadOnlyMemory<byte>)new byte[size], count).ToArray();
        await using var session = rig.OpenSession(SendOptions.Ordered);
        await rig.AssertAllocatesNothing(() => session.SendMessages(messages), AllocationRig.Messages, count);
    }
}

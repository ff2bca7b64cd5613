using MsgNet.Testing;

namespace MsgNet.Tests.Udp;

/// <summary>What an unreliable message costs in garbage, from the call that sends it to the handler.</summary>
[Collection(nameof(WholeProcess))]
[Covers("API-102")]
public sealed class UdpAllocationTests : IAsyncLifetime
{
    // Loopback may lose some when the machine is busy.
    private const int ArriveMin = AllocationRig.Messages / 2;
    private AllocationRig rig = null!;

    public async Task InitializeAsync() => rig = await AllocationRig.Start();

    public async Task DisposeAsync() => await rig.DisposeAsync();

    [Theory]
    [InlineData(32, true)]
    [InlineData(256, true)]
    [InlineData(1_200, true)]
    [InlineData(32, false)]
    [InlineData(256, false)]
    [InlineData(1_200, false)]
    [InlineData(4_000, true)]
    public async Task Host_messages_allocate_nothing(int size, bool inline)
    {
        rig.SetHandler(inline);
        var data = new byte[size];
        await rig.AssertAllocatesNothing(() => rig.Send(data, SendOptions.Unreliable), ArriveMin);
    }

    [Theory]
    [InlineData(32, true)]
    [InlineData(1_200, true)]
    [InlineData(1_200, false)]
    public async Task Session_messages_allocate_nothing(int size, bool inline)
    {
        rig.SetHandler(inline);
        var data = new byte[size];
        await using var session = rig.OpenSession(SendOptions.Unreliable);
        await rig.AssertAllocatesNothing(
            () => session.TrySend(data) ? ValueTask.CompletedTask : session.SendMessage(data), ArriveMin);
    }

    [Theory]
    [Covers("API-223")]
    [InlineData(32, true, 50)]
    [InlineData(1_200, true, 100)]
    [InlineData(16_384, true, 4)]
    public async Task Several_messages_of_a_call_allocate_nothing_waiting_for_room_included(int size, bool inline, int count)
    {
        rig.SetHandler(inline);
        var messages = Enumerable.Repeat((ReadOnlyMemory<byte>)new byte[size], count).ToArray();
        await using var session = rig.OpenSession(SendOptions.Unreliable);
        await rig.AssertAllocatesNothing(() => session.SendMessages(messages), ArriveMin, count);
    }

    // It happens for every few messages of 16 KB: an object here is several bytes a message there.
    [Fact]
    public async Task Telling_a_session_that_there_is_room_allocates_nothing()
    {
        await using var server = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        await using var client = await MessageHost.Start();
        client.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);
        await using var session = client.OpenSession(server.Id, "/room/1.0.0", SendOptions.Unreliable);
        await session.SendMessage(new byte[1]);
        var sessions = client.Context.Udp.Sessions;

        using (client.Context.Gate.Enter())
            Allocations.AssertNone(() => sessions.OnRoom(server.Id));
    }
}

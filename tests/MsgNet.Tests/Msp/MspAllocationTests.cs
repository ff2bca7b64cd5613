using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Tests.Msp;

/// <summary>What a message costs in garbage, on both sides and on every thread, from the call that sends it to the handler.</summary>
[Collection(nameof(WholeProcess))]
public sealed class MspAllocationTests
{
    // A second's worth: a connection sends no more than 3,100 in one.
    private const int Messages = 3_000;

    // What the machine's buffers keep when all of it was acknowledged.
    private const int Window = 200;
    private const int AttemptsMax = 3;

    // As for datagrams of hosts: what the runtime itself allocates now and then stays below it, an object per message does not.
    private const double BytesPerMessageMax = 8;

    [Theory]
    [InlineData(32)]
    [InlineData(1_024)]
    [Covers("MSP-130", "MSP-150")]
    public async Task Messages_allocate_nothing(int size)
    {
        using var servers = MspSockets.OverPlainUdp();
        using var clients = MspSockets.OverPlainUdp();
        using var done = new SemaphoreSlim(0);
        var received = 0;
        var listener = servers.Create();
        listener.Bind("/ip4/127.0.0.1/udp/0");
        listener.SetHandler((_, _, message) =>
        {
            if (message.Length > 0 && ++received % Window == 0)
                done.Release();
            return message.Length;
        });
        listener.Listen();
        var socket = await clients.Connect(listener.LocalAddress!);
        var data = new byte[size];

        var least = double.MaxValue;
        for (var attempt = 0; attempt <= AttemptsMax && least >= BytesPerMessageMax; attempt++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var i = 1; i <= Messages; i++)
            {
                await socket.Send(data);
                if (i % Window == 0)
                    await done.WaitAsync();
            }

            if (attempt > 0) // the first fills the pools
                least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Messages);
        }

        Assert.True(least < BytesPerMessageMax, $"{least:F2} bytes allocated per message.");
    }
}

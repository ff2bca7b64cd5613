namespace MsgNet.Tests.Msp;

/// <summary>What two ends of a connection do in tests.</summary>
internal static class MspTraffic
{
    /// <summary>Returns every message, and shuts down after the peer.</summary>
    public static async Task Echo(MspSocket socket)
    {
        var buffer = new byte[socket.Sockets.MessageSizeMax];
        while (await socket.Receive(buffer) is var length and > 0)
            await socket.Send(buffer.AsMemory(0, length));
        socket.Shutdown();
        await socket.Completion;
    }

    /// <summary>Both ends send and receive as fast as they can, until either is over.</summary>
    public static Task Both(MspSocket near, MspSocket far) => Task.WhenAll(Flood(near), Flood(far), Drain(near), Drain(far));

    private static async Task Flood(MspSocket socket)
    {
        var message = new byte[Math.Min(10_000, socket.Sockets.MessageSizeMax)];
        try
        {
            while (true)
                await socket.Send(message);
        }
        catch (Exception error) when (error is MsgNetException or ObjectDisposedException)
        {
        }
    }

    private static async Task Drain(MspSocket socket)
    {
        try
        {
            var buffer = new byte[socket.Sockets.MessageSizeMax];
            while (await socket.Receive(buffer) > 0)
            {
            }
        }
        catch (Exception error) when (error is MsgNetException or ObjectDisposedException)
        {
        }
    }
}

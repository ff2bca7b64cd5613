using System.Net;
using System.Net.Sockets;

namespace MsgNet.Messi.Tests;

/// <summary>The other end of a connection, byte by byte.</summary>
internal sealed class RawPeer(Socket socket) : IDisposable
{
    /// <summary>What a test waits for at most; nothing waits for it when all is well.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    public Socket Socket => socket;

    public static async Task<RawPeer> Connect(string? address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var port = int.Parse(address!.Split('?')[0].Split(':')[^1], System.Globalization.CultureInfo.InvariantCulture);
        await socket.ConnectAsync(IPAddress.Loopback, port).WaitAsync(Patience);
        return new RawPeer(socket);
    }

    public async Task Send(string hex) => await Send(Convert.FromHexString(hex));

    public async Task Send(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[await socket.SendAsync(bytes).AsTask().WaitAsync(Patience)..];
    }

    /// <summary>That many bytes, in hex.</summary>
    public async Task<string> Read(int count)
    {
        var bytes = new byte[count];
        for (var read = 0; read < count;)
        {
            var more = await socket.ReceiveAsync(bytes.AsMemory(read)).AsTask().WaitAsync(Patience);
            Assert.True(more > 0, $"The connection ended after {Convert.ToHexStringLower(bytes.AsSpan(0, read))}.");
            read += more;
        }

        return Convert.ToHexStringLower(bytes);
    }

    public async Task Expect(string hex) => Assert.Equal(hex, await Read(hex.Length / 2));

    /// <summary>All until the other end closes, in hex; it may close with a reset.</summary>
    public async Task<string> ReadToEnd()
    {
        var all = new MemoryStream();
        var bytes = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(bytes.AsMemory()).AsTask().WaitAsync(Patience) is var count and > 0)
                all.Write(bytes, 0, count);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            // What it did not read makes the system close so.
        }

        return Convert.ToHexStringLower(all.ToArray());
    }

    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    public void Dispose() => socket.Dispose();
}

using System.Net;
using System.Net.Sockets;

namespace MsgNet.LoadBench.Contestants;

/// <summary>A loopback port of plain UDP, and a thread that receives from it as a contestant does.</summary>
internal sealed class UdpListener : IListener
{
    public const int DatagramMax = 65_507;
    private const int BufferBytes = 4 << 20;
    private const int PatienceMilliseconds = 100;

    private readonly Socket socket = Open();
    private readonly LoopThread thread;
    private Count received;

    /// <param name="name">The thread's.</param>
    /// <param name="work">What comes.</param>
    /// <param name="receive">The loop.</param>
    public UdpListener(string name, LoadWork work, Loop receive)
    {
        Target = new Target(((IPEndPoint)socket.LocalEndPoint!).Port, "");
        thread = new LoopThread(name, stop => receive(socket, ref received, work.Kind == LoadKind.RoundTrip, stop));
    }

    /// <summary>Receives until it is told to stop, and sends back what it received when it <paramref name="answers"/>.</summary>
    public delegate void Loop(Socket socket, ref Count received, bool answers, CancellationToken stop);

    public Target Target { get; }

    public long Received => received.Value;

    /// <summary>A socket whose blocking is the system's.</summary>
    public static Socket Open()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
        {
            ReceiveBufferSize = BufferBytes,
            SendBufferSize = BufferBytes,
            ReceiveTimeout = PatienceMilliseconds,
        };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    public ValueTask DisposeAsync()
    {
        thread.Dispose();
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}

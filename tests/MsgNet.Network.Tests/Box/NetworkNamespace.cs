using System.Net;
using System.Net.Sockets;

namespace MsgNet.NetworkTests;

/// <summary>A network of its own within this machine: interfaces, addresses, routes. Needs root; gone when disposed.</summary>
internal sealed class NetworkNamespace : IDisposable
{
    private const string Folder = "/run/netns/";
    private const string Prefix = "msgnet-";
    private static int made;

    static NetworkNamespace() => RemoveThoseOfDeadProcesses();

    public NetworkNamespace(string name)
    {
        Name = $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref made)}-{name}";
        Command.Run("ip", "netns", "add", Name);
        Ip("link", "set", "lo", "up");
    }

    public string Name { get; }

    /// <summary>What goes before a command to run it inside; it replaces itself by that command.</summary>
    public string[] Wrapper => ["ip", "netns", "exec", Name];

    /// <summary>Runs <c>ip</c> for this namespace.</summary>
    public void Ip(params string[] arguments) => Command.Run("ip", ["-n", Name, .. arguments]);

    /// <summary>Runs a program inside and returns its standard output.</summary>
    public string Run(params string[] command) => Command.Run("ip", [.. Wrapper[1..], .. command]);

    /// <summary>
    /// Runs <paramref name="work"/> on a thread that lives inside and ends with it, so that no other work finds itself there. What is
    /// opened there stays there.
    /// </summary>
    public T Inside<T>(Func<T> work)
    {
        var result = default(T);
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Enter();
                result = work();
            }
            catch (Exception error)
            {
                failure = error;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? result! : throw new InvalidOperationException($"In {Name}: {failure.Message}", failure);
    }

    /// <summary>A UDP socket of this namespace.</summary>
    public Socket Bind(string address, int port) => Inside(() =>
    {
        var bound = new IPEndPoint(IPAddress.Parse(address), port);
        var socket = new Socket(bound.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20 };
        socket.Bind(bound);
        return socket;
    });

    public void Dispose() => Command.Run("ip", "netns", "del", Name);

    private void Enter()
    {
        var descriptor = LibC.Check(LibC.Open(Folder + Name, LibC.OpenReadOnly), Name);
        LibC.Check(LibC.SetNamespace(descriptor, LibC.NewNetwork), "setns");
        _ = LibC.Close(descriptor);
    }

    // A test run that was killed could not clean up.
    private static void RemoveThoseOfDeadProcesses()
    {
        if (!Directory.Exists(Folder))
            return;

        foreach (var name in Directory.EnumerateFiles(Folder, Prefix + "*").Select(Path.GetFileName))
        {
            if (!Directory.Exists($"/proc/{name!.Split('-')[1]}"))
                Command.Succeeds("ip", "netns", "del", name);
        }
    }
}

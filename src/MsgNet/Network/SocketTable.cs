namespace MsgNet;

/// <summary>The open sockets of a host. Every member is called under the gate.</summary>
internal sealed class SocketTable
{
    private readonly List<ISessionedSocket> sockets = [];

    public void Add(ISessionedSocket socket)
    {
        if (!sockets.Contains(socket))
            sockets.Add(socket);
    }

    public void Remove(ISessionedSocket socket) => sockets.Remove(socket);

    public ISessionedSocket[] ToArray() => [.. sockets];
}

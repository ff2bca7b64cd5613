using System.Net;

namespace MsgNet.NetworkTests;

/// <summary>A host of an <see cref="InternetBox"/>: a namespace with one link, and perhaps a router before it.</summary>
internal sealed class BoxHost : IDisposable
{
    public BoxHost(string name, IPAddress[] addresses, Nat? router, Random random)
    {
        Router = router;
        Addresses = [.. addresses.Select(Endpoint.AddressOf)];
        Up = new Link(new Random(random.Next()));
        Down = new Link(new Random(random.Next()));
        Space = new NetworkNamespace(name);
        Tun = Tun.Open(Space, addresses);
    }

    public NetworkNamespace Space { get; }

    public Tun Tun { get; }

    public IReadOnlyList<UInt128> Addresses { get; }

    public Nat? Router { get; }

    /// <summary>From the host.</summary>
    public Link Up { get; }

    /// <summary>To the host.</summary>
    public Link Down { get; }

    /// <summary>The cable is out: nothing passes either way.</summary>
    public bool IsUnplugged { get; set; }

    public void Dispose()
    {
        Tun.Dispose();
        Space.Dispose();
    }
}

using System.Net;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Tests.Api;

/// <summary>The operating system, with a list of the ports that were opened.</summary>
internal sealed class CountingPlatform : WrappedPlatform
{
    public List<IPAddress> Opened { get; } = [];

    public override IDatagramPort OpenPort(IPAddress address, int port, int localPort)
    {
        lock (Opened)
            Opened.Add(address);

        return base.OpenPort(address, port, localPort);
    }
}

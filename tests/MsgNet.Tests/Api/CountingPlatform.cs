using System.Net;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Tests.Api;

/// <summary>The operating system, with a list of the ports that were opened, and how.</summary>
internal sealed class CountingPlatform : WrappedPlatform
{
    public List<IPAddress> Opened { get; } = [];

    public DatagramPortSettings? Settings { get; private set; }

    public override IDatagramPort OpenPort(IPAddress address, int port, int localPort, DatagramPortSettings settings)
    {
        lock (Opened)
            Opened.Add(address);
        Settings = settings;
        return base.OpenPort(address, port, localPort, settings);
    }
}

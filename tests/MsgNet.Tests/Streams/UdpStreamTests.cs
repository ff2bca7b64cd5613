namespace MsgNet.Tests.Streams;

/// <summary>Streams over real sockets and real keys.</summary>
public sealed class UdpStreamTests : StreamContract
{
    private protected override ValueTask<MessageHost> Listening() => MessageHost.Start("/ip4/127.0.0.1/udp/0");
}

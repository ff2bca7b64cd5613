namespace MsgNet.Tests;

/// <summary>A transport that is only looked at.</summary>
internal sealed record StubTransport(string Name, TransportGuarantees Guarantees, Func<Multiaddress, bool> Dials) : IMessageTransport
{
    public bool CanDial(Multiaddress address) => Dials(address);

    public bool CanListen(Multiaddress address) => false;

    public ISessionedSocket Open() => throw new NotSupportedException("This transport is only looked at.");
}

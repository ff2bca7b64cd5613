namespace MsgNet;

/// <summary>Opens sockets of one kind. Safe on any thread.</summary>
public interface IMessageTransport
{
    /// <summary>Short name, such as <c>udp</c>.</summary>
    string Name { get; }

    /// <summary>What every session of this transport guarantees.</summary>
    TransportGuarantees Guarantees { get; }

    /// <summary>True when this transport can send to an address of that form.</summary>
    bool CanDial(Multiaddress address);

    /// <summary>True when this transport can listen on an address of that form.</summary>
    bool CanListen(Multiaddress address);

    /// <summary>Opens a socket that is not bound yet.</summary>
    ISessionedSocket Open();
}

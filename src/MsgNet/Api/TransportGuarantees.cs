namespace MsgNet;

/// <summary>What a transport, or one session of it, guarantees.</summary>
/// <param name="Delivery">The delivery it gives.</param>
/// <param name="Authenticated">The sender's <see cref="PeerId"/> is proven.</param>
/// <param name="Encrypted">Nobody but the two ends can read the messages.</param>
/// <param name="MessageSizeMax">Largest message in bytes, counted as the user's bytes.</param>
/// <param name="DatagramSizeMax">Largest message in bytes that travels in one datagram, unfragmented; 0 on streams.</param>
public sealed record TransportGuarantees(Delivery Delivery, bool Authenticated, bool Encrypted, int MessageSizeMax, int DatagramSizeMax);

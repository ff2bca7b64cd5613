namespace MsgNet.Core;

/// <summary>What seals the packets of a session. HELLO, ACK, EARLY and RETRY are the same in all of them.</summary>
public enum PacketSuite
{
    /// <summary>ChaCha20-Poly1305-IETF, which every node has.</summary>
    ChaCha20Poly1305,

    /// <summary>AES-256-GCM, where both ends offer it.</summary>
    Aes256Gcm,
}

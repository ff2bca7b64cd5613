namespace MsgNet.Core;

/// <summary>
/// The <c>offers</c> byte of both handshake payloads: bit 0 ChaCha20-Poly1305, bit 1 AES-256-GCM, bits 4 to 7 the highest version less 1.
/// SEC-121. It lies inside the AEAD, so nobody on the path can steer it.
/// </summary>
internal static class ChannelOffers
{
    /// <summary>What every node offers: ChaCha20-Poly1305, and version 1 as its highest.</summary>
    public const byte Common = ChaCha20Poly1305 | ((ChannelHeader.Version - 1) << 4);

    /// <summary>Always set.</summary>
    public const byte ChaCha20Poly1305 = 0x01;

    /// <summary>Set where AES-256-GCM is wanted, and fast (SEC-125).</summary>
    public const byte Aes256Gcm = 0x02;

    /// <summary>The highest version, 1 to 16, that the sender of <paramref name="offers"/> speaks.</summary>
    public static int HighestVersion(byte offers) => (offers >> 4) + 1;

    /// <summary>
    /// True when a handshake of <see cref="ChannelHeader.Version"/> between these two may go on: ChaCha20-Poly1305 is common, and no
    /// higher version is, so nobody talked the two down (SEC-123).
    /// </summary>
    public static bool AreCompatible(byte local, byte remote) =>
        (local & remote & ChaCha20Poly1305) != 0
        && Math.Min(HighestVersion(local), HighestVersion(remote)) <= ChannelHeader.Version;

    /// <summary>What seals DATA between these two: AES-256-GCM if and only if both offer it.</summary>
    public static PacketSuite SuiteOf(byte local, byte remote) =>
        (local & remote & Aes256Gcm) != 0 ? PacketSuite.Aes256Gcm : PacketSuite.ChaCha20Poly1305; // SEC-122
}

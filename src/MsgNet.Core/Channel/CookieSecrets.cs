namespace MsgNet.Core;

/// <summary>
/// Makes and recognises the cookies of RETRY (SEC-052): a cookie is a MAC of the address it was sent to under a secret R that lives 15 s
/// and is recognised 15 s longer. Whoever returns one receives at that address and did so lately; nothing is stored per address.
/// </summary>
/// <remarks>Not thread-safe. Nothing is allocated after construction. Disposing wipes the secrets.</remarks>
internal sealed class CookieSecrets : IDisposable
{
    /// <summary>How long one secret makes cookies; it is recognised for as long again.</summary>
    public static readonly TimeSpan SecretLifetime = TimeSpan.FromSeconds(15);

    private const int SecretLength = 32;

    private readonly IChannelCrypto crypto;
    private readonly IRandom random;

    // Pinned, so that the collector leaves no copies behind: current, then previous.
    private readonly byte[] secrets = GC.AllocateArray<byte>(2 * SecretLength, pinned: true);
    private Instant start;

    /// <summary>Draws the first secrets, so that no cookie of an earlier life is ever recognised.</summary>
    public CookieSecrets(Instant now, IChannelCrypto crypto, IRandom random)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        ArgumentNullException.ThrowIfNull(random);
        this.crypto = crypto;
        this.random = random;
        random.Fill(secrets);
        start = now;
    }

    private Span<byte> Current => secrets.AsSpan(0, SecretLength);

    private Span<byte> Previous => secrets.AsSpan(SecretLength);

    /// <summary>Makes the cookie of an address.</summary>
    /// <param name="now">The moment; never earlier than in the call before.</param>
    /// <param name="address">The address in its wire form, 18 bytes.</param>
    /// <param name="cookie">Receives 16 bytes.</param>
    public void MakeCookie(Instant now, ReadOnlySpan<byte> address, Span<byte> cookie)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(address.Length, NetAddress.WireLength, nameof(address));
        Rotate(now);
        crypto.Mac(Current, address, cookie);
    }

    /// <summary>Finds the cookie that keys a HELLO's mac2; false when it is none that was made for this address lately.</summary>
    /// <param name="now">The moment; never earlier than in the call before.</param>
    /// <param name="hello">A HELLO with a mac2.</param>
    /// <param name="address">The address it came from, 18 bytes.</param>
    /// <param name="cookie">Receives 16 bytes; zeros when the result is false.</param>
    public bool TryFindCookie(Instant now, HelloMessage hello, ReadOnlySpan<byte> address, Span<byte> cookie)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(address.Length, NetAddress.WireLength, nameof(address));
        Rotate(now);
        if (Fits(Current, hello, address, cookie) || Fits(Previous, hello, address, cookie))
            return true;

        cookie.Clear();
        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => crypto.Wipe(secrets);

    private bool Fits(ReadOnlySpan<byte> secret, HelloMessage hello, ReadOnlySpan<byte> address, Span<byte> cookie)
    {
        Span<byte> expected = stackalloc byte[16];
        crypto.Mac(secret, address, cookie);
        crypto.Mac(cookie, hello.CoveredByMac2, expected);
        return crypto.MacEquals(expected, hello.Mac2);
    }

    private void Rotate(Instant now)
    {
        var age = now - start;
        if (age < SecretLifetime)
            return;

        Current.CopyTo(Previous);
        random.Fill(Current);
        if (age >= SecretLifetime * 2)
            random.Fill(Previous);

        start = now - new TimeSpan(age.Ticks % SecretLifetime.Ticks);
    }
}

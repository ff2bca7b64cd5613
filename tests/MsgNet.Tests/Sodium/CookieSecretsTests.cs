using MsgNet.Core;
using MsgNet.Sodium;
using MsgNet.Testing;

namespace MsgNet.Tests.Sodium;

public sealed class CookieSecretsTests : IDisposable
{
    private static readonly byte[] Address = ChannelVectors.Bytes("addr");

    private readonly SodiumChannelCrypto crypto = ChannelVectors.Responder();
    private readonly CookieSecrets secrets;

    public CookieSecretsTests() => secrets = new CookieSecrets(At(100), crypto, new SeededRandom(9));

    public void Dispose()
    {
        secrets.Dispose();
        crypto.Dispose();
    }

    [Fact]
    public void The_recorded_secret_recognises_the_recorded_HELLO()
    {
        var random = new FixedRandom(ChannelVectors.Bytes("cookie_secret"), new byte[32]);
        using var recorded = new CookieSecrets(At(0), crypto, random);
        var cookie = new byte[16];
        recorded.MakeCookie(At(1), Address, cookie);
        Assert.Equal(ChannelVectors.Bytes("cookie"), cookie);
        Assert.True(HelloMessage.TryParse(ChannelVectors.Bytes("retry_hello2"), out var hello));
        Assert.True(recorded.TryFindCookie(At(1), hello, Address, cookie));
        Assert.Equal(ChannelVectors.Bytes("cookie"), cookie);
    }

    [Theory]
    [InlineData(100, 100, true)]
    [InlineData(100, 129.9, true)]
    [InlineData(100, 130, false)]
    [InlineData(114.9, 129.9, true)]
    [InlineData(115, 144.9, true)]
    [InlineData(115, 145, false)]
    [InlineData(100, 1000, false)]
    [InlineData(1000, 1014, true)]
    public void A_cookie_is_recognised_for_15_to_30_seconds(double made, double returned, bool expected)
    {
        var hello = Hello(At(made));
        Assert.True(HelloMessage.TryParse(hello, out var parsed));
        Assert.Equal(expected, secrets.TryFindCookie(At(returned), parsed, Address, new byte[16]));
    }

    [Fact]
    public void A_cookie_of_another_address_boot_or_HELLO_is_not_recognised()
    {
        var hello = Hello(At(100));
        Assert.True(HelloMessage.TryParse(hello, out var parsed));
        for (var i = 0; i < Address.Length; i++)
        {
            var other = (byte[])Address.Clone();
            other[i] ^= 1;
            var cookie = Enumerable.Repeat((byte)1, 16).ToArray();
            Assert.False(secrets.TryFindCookie(At(100), parsed, other, cookie));
            Assert.Equal(new byte[16], cookie);
        }

        using var reborn = new CookieSecrets(At(100), crypto, new SeededRandom(10));
        Assert.False(reborn.TryFindCookie(At(100), parsed, Address, new byte[16]));
        for (var i = HelloMessage.SenderIndexOffset; i < HelloMessage.StaticOffset; i++)
        {
            var changed = (byte[])hello.Clone();
            changed[i] ^= 1;
            Assert.True(HelloMessage.TryParse(changed, out var other));
            Assert.False(secrets.TryFindCookie(At(100), other, Address, new byte[16]));
        }

        Assert.True(secrets.TryFindCookie(At(100), parsed, Address, new byte[16]));
    }

    private byte[] Hello(Instant now)
    {
        var cookie = new byte[16];
        secrets.MakeCookie(now, Address, cookie);
        using var initiator = ChannelVectors.Initiator();
        using var handshake = new InitiatorHandshake(initiator, ChannelVectors.Remote(initiator, crypto.PublicKey), cookie);
        var datagram = new byte[Limits.HelloSizeMax];
        return datagram[..handshake.WriteHello(datagram, 1, 1, 1, ChannelOffers.Common, default)];
    }

    private static Instant At(double seconds) => new((long)Math.Round(seconds * TimeSpan.TicksPerSecond));
}

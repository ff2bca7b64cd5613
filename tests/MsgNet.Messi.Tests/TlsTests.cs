using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MsgNet.Messi.Tests.Proto;

namespace MsgNet.Messi.Tests;

/// <summary>The same bytes inside TLS, and who is trusted.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly X509Certificate2 certificate = Certificates.Make("localhost");
    private readonly X509Certificate2 clientCertificate = Certificates.Make("erik");

    public void Dispose()
    {
        certificate.Dispose();
        clientCertificate.Dispose();
    }

    [Fact]
    [Covers("MESSI-051", "MESSI-064")]
    public async Task Messages_go_both_ways()
    {
        await using var server = await Listen(new SslServerAuthenticationOptions { ServerCertificate = certificate });
        await using var client = Client(server, "localhost", options => { });
        client.Start();
        await client.WaitForConnection().Soon();
        await client.Connect(new ConnectReq { User = "Erik" }).Soon();
    }

    [Fact]
    public async Task A_name_that_the_certificate_does_not_hold_is_refused()
    {
        await using var server = await Listen(new SslServerAuthenticationOptions { ServerCertificate = certificate });
        await using var client = Client(server, "localhost", options => options.Tls!.TargetHost = "example.org");
        await AssertRefused(client);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused()
    {
        await using var server = await Listen(new SslServerAuthenticationOptions { ServerCertificate = certificate });
        await using var client = Client(server, "localhost", options => options.Tls = null);
        await AssertRefused(client);
    }

    [Fact]
    public async Task Both_ends_can_show_certificates_and_a_client_without_one_is_refused()
    {
        string? subject = null;
        await using var server = await Listen(new SslServerAuthenticationOptions
        {
            ServerCertificate = certificate,
            ClientCertificateRequired = true,
            CertificateChainPolicy = Certificates.Trust(clientCertificate),
            RemoteCertificateValidationCallback = (_, shown, _, errors) =>
            {
                subject = shown?.Subject;
                return errors == SslPolicyErrors.None;
            },
        });
        await using var known = Client(server, "localhost", options => options.Tls!.ClientCertificates = [clientCertificate]);
        known.Start();
        await known.WaitForConnection().Soon();
        await known.Connect(new ConnectReq()).Soon();
        Assert.Equal("CN=erik", subject);

        // The server's refusal comes after the client's part of the handshake is done: as a failure, or as an end at once.
        await using var unknown = Client(server, "localhost", options => { });
        var refused = new TaskCompletionSource();
        unknown.OnDisconnected = _ =>
        {
            refused.TrySetResult();
            return default;
        };
        unknown.OnConnectFailed = _ =>
        {
            refused.TrySetResult();
            return new ValueTask<TimeSpan?>((TimeSpan?)null);
        };
        unknown.Start();
        await refused.Task.Soon();
        Assert.Single(server.Connections);
    }

    [Fact]
    public async Task Bytes_that_are_no_handshake_are_refused_and_a_silent_client_is_given_up()
    {
        var time = new FakeTime();
        await using var server = await Listen(new SslServerAuthenticationOptions { ServerCertificate = certificate }, time);
        using var plain = await RawPeer.Connect(server.Address);
        await plain.Send("00000001" + "00000008" + "0a060a044572696b");
        await plain.ReadToEnd();

        using var silent = await RawPeer.Connect(server.Address);
        while (time.Timers == 0)
            await Task.Yield();
        time.Advance(5);
        Assert.Equal("", await silent.ReadToEnd());
        Assert.Empty(server.Connections);
    }

    [Fact]
    public void A_server_without_a_certificate_says_what_it_needs()
        => Assert.Contains(
            "ServerCertificate",
            Assert.Throws<ArgumentException>(() => new ChatServer("tls://127.0.0.1:0")).Message,
            StringComparison.Ordinal);

    private static async Task<ChatServer> Listen(SslServerAuthenticationOptions tls, TimeProvider? time = null)
    {
        var server = new ChatServer("tls://localhost:0", new MessiServerOptions { Tls = tls, TimeProvider = time ?? TimeProvider.System })
        {
            OnConnectReq = (connection, _, _) => connection.Reply(new ConnectRsp()),
        };
        await server.Start();
        return server;
    }

    private ChatClient Client(ChatServer server, string host, Action<MessiClientOptions> configure)
    {
        var options = new MessiClientOptions
        {
            Tls = new SslClientAuthenticationOptions { CertificateChainPolicy = Certificates.Trust(certificate) },
            ConnectTimeout = TimeSpan.FromMinutes(1),
        };
        configure(options);
        return new ChatClient($"tls://{host}:{server.Address!.Split(':')[^1]}", options);
    }

    private static async Task AssertRefused(ChatClient client)
    {
        client.OnConnectFailed = _ => new ValueTask<TimeSpan?>((TimeSpan?)null);
        client.Start();
        var exception = await Assert.ThrowsAsync<MessiException>(() => client.WaitForConnection().Soon());
        Assert.IsType<AuthenticationException>(exception.InnerException);
    }
}

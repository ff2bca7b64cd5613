using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using MsgNet.Testing;

namespace MsgNet.Samples.Tests;

/// <summary>The samples of typed messages as processes: with each other, and with the recorded bytes of deployed chats.</summary>
public sealed class MessiSampleTests
{
    private const string Listening = "Listening on ";
    private const int Ping = 3;
    private const int Pong = 4;
    private static readonly TimeSpan Guard = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("^hello, world$")]
    [InlineData("^hello, world, which is 12D3Koo[0-9A-Za-z]+$", "msgnet")]
    public async Task A_hello_is_answered_over_each_carrier(string line, params string[] arguments) =>
        Assert.Matches(line, (await SampleProgram.Run("messi-hello", arguments)).TrimEnd());

    [Fact]
    public async Task What_one_types_all_read()
    {
        var server = new SampleProgram("messi-chat", "server", "tcp://127.0.0.1:0");
        var uri = await AddressOf(server);
        using var kalle = new SampleProgram("messi-chat", "client", uri, "Kalle");
        using (server)
        {
            await Until(kalle, "Connected to the server.");
            await Until(server, "Client <Kalle> connected.");
            using var erik = new SampleProgram("messi-chat", "client", uri, "Erik");
            await Until(server, "Client <Erik> connected.");

            await erik.Input.WriteLineAsync("Hello!");
            await erik.Input.FlushAsync();
            await Until(kalle, "<Erik> Hello!");
            await Until(erik, "<Erik> Hello!");

            erik.Input.Close();
            await Until(server, "Number of connected clients: 1");
        }

        await Until(kalle, "Disconnected from the server (reason: Connection closed.).");
    }

    [Fact]
    public async Task Deployed_clients_join_the_server()
    {
        using var server = new SampleProgram("messi-chat", "server", "tcp://127.0.0.1:0");
        var port = new Uri(await AddressOf(server)).Port;
        using var erik = new Deployed("session.chat.c_linux_erik");
        using var kalle = new Deployed("session.chat.c_linux_kalle");
        await erik.Connect(port);
        await kalle.Connect(port);

        // In the order of the recording: each step is read before the next is sent.
        await erik.Say();
        await kalle.Say();
        foreach (var speaker in new[] { erik, kalle, kalle, erik })
        {
            await speaker.Say();
            await erik.Hear();
            await kalle.Hear();
        }

        Assert.Equal(erik.Recorded, erik.Heard);
        Assert.Equal(kalle.Recorded, kalle.Heard);
    }

    [Fact]
    public async Task The_client_joins_a_deployed_server()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var uri = $"tcp://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}?wire=compact";
        using var erik = new SampleProgram("messi-chat", "client", uri, "Erik");
        using (var connection = await listener.AcceptTcpClientAsync().WaitAsync(Guard))
        {
            var (sent, received) = Recording("session.chat.c_linux_erik");
            Assert.Equal(sent[0], await Listen(connection.GetStream()));
            foreach (var frame in received)
                await connection.GetStream().WriteAsync(Convert.FromHexString(frame));
            var next = Listen(connection.GetStream());
            await Until(erik, "<Erik> Hello!");
            await Until(erik, "<Kalle> Hej from Kalle");
            await Until(erik, "<Kalle> ");
            await Until(erik, "<Erik> Again");

            await erik.Input.WriteLineAsync("Hello!");
            await erik.Input.FlushAsync();
            Assert.Equal(sent[1], await next);
        }

        await Until(erik, "Disconnected from the server (reason: Connection closed.).");
    }

    [Theory]
    [InlineData("messi-chat server URI")]
    [InlineData("is no address of a Messi server", "server", "tcp://127.0.0.1:99999")]
    [InlineData("is no address of a Messi client", "client", "http://127.0.0.1", "Erik")]
    public async Task A_wrong_command_line_is_told_in_a_sentence(string sentence, params string[] arguments)
    {
        var told = await SampleProgram.RunToFailure("messi-chat", arguments);
        Assert.Contains(sentence, told, StringComparison.Ordinal);
        Assert.Single(told.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_client_says_that_there_is_no_server()
    {
        using var erik = new SampleProgram("messi-chat", "client", "tcp://127.0.0.1:1", "Erik");
        await erik.ReadLine(line => line.StartsWith("No connection: ", StringComparison.Ordinal));
    }

    private static async Task<string> AddressOf(SampleProgram server) =>
        (await server.ReadLine(line => line.StartsWith(Listening, StringComparison.Ordinal)))[Listening.Length..];

    private static Task<string> Until(SampleProgram program, string line) => program.ReadLine(read => read == line);

    /// <summary>The user messages of a recorded session, from the client and to it; its pings and pongs depend on time.</summary>
    private static (string[] Sent, string[] Received) Recording(string name)
    {
        var session = RepositoryFiles.Vectors("messi.json").GetProperty("vectors").EnumerateArray()
            .Single(vector => vector.GetProperty("name").GetString() == name).GetProperty("hex");
        return (Messages(session, "c2s"), Messages(session, "s2c"));
    }

    private static string[] Messages(JsonElement session, string direction)
    {
        var rest = Convert.FromHexString(session.GetProperty(direction).GetString()!).AsSpan();
        var messages = new List<string>();
        while (rest.Length > 0)
        {
            var length = 4 + Length(rest);
            if (rest[0] < Ping)
                messages.Add(Convert.ToHexStringLower(rest[..length]));
            rest = rest[length..];
        }

        return [.. messages];
    }

    /// <summary>Reads from the client until its next message, and answers its pings meanwhile.</summary>
    private static async Task<string> Listen(NetworkStream stream)
    {
        while (true)
        {
            var frame = await Read(stream);
            if (frame[0] != Ping)
                return Convert.ToHexStringLower(frame);

            await stream.WriteAsync(new byte[] { Pong, 0, 0, 0 });
        }
    }

    private static async Task<byte[]> Read(NetworkStream stream)
    {
        var header = new byte[4];
        await stream.ReadExactlyAsync(header).AsTask().WaitAsync(Guard);
        var payload = new byte[Length(header)];
        await stream.ReadExactlyAsync(payload).AsTask().WaitAsync(Guard);
        return [.. header, .. payload];
    }

    private static int Length(ReadOnlySpan<byte> header) => (header[1] << 16) | (header[2] << 8) | header[3];

    /// <summary>A deployed client: it sends what was recorded of it, and pings often, to live on a slow machine.</summary>
    private sealed class Deployed : IDisposable
    {
        private readonly TcpClient connection = new();
        private readonly Queue<string> toSay;
        private readonly List<string> heard = [];
        private readonly Timer pings;

        public Deployed(string name)
        {
            var (sent, received) = Recording(name);
            (toSay, Recorded) = (new Queue<string>(sent), received);
            pings = new Timer(_ => SendPing());
        }

        public string[] Recorded { get; }

        public IReadOnlyList<string> Heard => heard;

        public async Task Connect(int port)
        {
            await connection.ConnectAsync(IPAddress.Loopback, port);
            pings.Change(TimeSpan.Zero, TimeSpan.FromMilliseconds(500));
        }

        /// <summary>Sends its next message; the first one is answered.</summary>
        public async Task Say()
        {
            var isFirst = heard.Count == 0;
            Send(toSay.Dequeue());
            if (isFirst)
                await Hear();
        }

        /// <summary>Reads the next message, past pongs.</summary>
        public async Task Hear()
        {
            byte[] frame;
            do
            {
                frame = await Read(connection.GetStream());
            }
            while (frame[0] == Pong);
            heard.Add(Convert.ToHexStringLower(frame));
        }

        public void Dispose()
        {
            pings.Dispose();
            connection.Dispose();
        }

        private void SendPing()
        {
            try
            {
                Send("03000000");
            }
            catch (Exception error) when (error is IOException or InvalidOperationException)
            {
                // Disposed, or closed by the server: then the test fails where it reads.
            }
        }

        // Frames whole, whoever sends.
        private void Send(string frame)
        {
            lock (connection)
                connection.GetStream().Write(Convert.FromHexString(frame));
        }
    }
}

namespace MsgNet.Core.Tests.Msp;

/// <summary>One endpoint whose peer is the test: packets are given and compared as hex.</summary>
internal sealed class MspBench : IDisposable
{
    private readonly byte[] buffer = new byte[Limits.MspPacketMax];

    public static MspAddress Here { get; } = new(Enumerable.Repeat((byte)1, 32).ToArray(), 7);

    public static MspAddress There { get; } = new(Enumerable.Repeat((byte)2, 32).ToArray(), 8);

    public Instant Now { get; private set; } = Instant.Zero;

    public MspEndpoint Endpoint { get; } = new(poison: true);

    public MspEvents Events { get; } = new();

    /// <summary>The kinds of all events so far.</summary>
    public List<MspEventKind> Kinds { get; } = [];

    /// <summary>The connection made last.</summary>
    public MspConnection Connection { get; private set; } = null!;

    public MspConnection Connect(MspProfile profile)
    {
        Assert.True(Endpoint.TryConnect(Now, new MspPair(Here, There), profile, out var connection));
        return Connection = connection;
    }

    /// <summary>A connection whose first packet has left and been answered.</summary>
    public MspConnection Connected(MspProfile profile)
    {
        Connect(profile);
        Assert.Equal("04ffff", Wait(10));
        In("00ffff");
        Assert.Equal("", Out());
        return Connection;
    }

    public void Listen(MspProfile profile) => Endpoint.Listen(MspAddress.Any(Here.Port), profile);

    public void In(string hex) => In(There, hex);

    public void In(MspAddress from, string hex)
    {
        Events.Clear();
        Endpoint.OnPacket(Now, new MspPair(Here, from), Convert.FromHexString(hex.Replace(" ", "")), Events);
        Note();
    }

    /// <summary>What leaves now, packets divided by blanks.</summary>
    public string Out()
    {
        var all = new List<string>();
        var writer = new MspPacketWriter(buffer);
        while (Endpoint.WritePacket(Now, ref writer))
            all.Add(Convert.ToHexStringLower(writer.Packet));
        return string.Join(' ', all);
    }

    /// <summary>What leaves within so many milliseconds, packets divided by blanks.</summary>
    public string Wait(double milliseconds) => string.Join(' ', WaitTimed(milliseconds).Select(left => left.Packet));

    /// <summary>What leaves within so many milliseconds, and after how many.</summary>
    public List<(double After, string Packet)> WaitTimed(double milliseconds)
    {
        var start = Now;
        var end = Now + TimeSpan.FromMilliseconds(milliseconds);
        var all = new List<(double After, string Packet)>();
        Collect();
        for (var turn = 0; Endpoint.NextTimer <= end; turn++)
        {
            Assert.True(Endpoint.NextTimer >= Now && turn < 100_000, "A timer lies in the past, or is due for ever.");
            Now = Endpoint.NextTimer;
            Events.Clear();
            Endpoint.OnTimer(Now, Events);
            Note();
            Collect();
        }

        Now = end;
        return all;

        void Collect()
        {
            if (Out() is { Length: > 0 } left)
                all.AddRange(left.Split(' ').Select(packet => ((Now - start).TotalMilliseconds, packet)));
        }
    }

    /// <summary>Sends a message of text.</summary>
    public bool Send(string text) => Connection.TrySend(Now, System.Text.Encoding.ASCII.GetBytes(text));

    /// <summary>Consumes the message that is there, and tells its text.</summary>
    public string Read()
    {
        Assert.True(Connection.TryPeek(out var message));
        var text = System.Text.Encoding.ASCII.GetString(message);
        Consume(message.Length);
        return text;
    }

    public void Consume(int bytes)
    {
        Events.Clear();
        Connection.Consume(Now, bytes, Events);
        Note();
    }

    public void Stop()
    {
        Events.Clear();
        Connection.Stop(Now, Events);
        Note();
    }

    public void Dispose() => Endpoint.Dispose();

    private void Note()
    {
        for (var i = 0; i < Events.Count; i++)
        {
            Kinds.Add(Events[i].Kind);
            if (Events[i].Kind == MspEventKind.Accepted)
                Connection = Events[i].Connection;
        }
    }
}

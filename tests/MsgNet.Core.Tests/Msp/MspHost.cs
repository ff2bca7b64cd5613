namespace MsgNet.Core.Tests.Msp;

/// <summary>An endpoint and an application that sends lists of messages and keeps what it gets.</summary>
internal sealed class MspHost : IDisposable
{
    private readonly MspEvents events = new();

    public MspHost(byte number) => Address = new MspAddress(Enumerable.Repeat(number, MspAddress.IdLength).ToArray(), 500u + number);

    public MspAddress Address { get; }

    public MspEndpoint Endpoint { get; } = new(poison: true);

    /// <summary>All connections, in the order in which they began.</summary>
    public List<MspTalk> Talks { get; } = [];

    /// <summary>Every event, in order.</summary>
    public List<MspEventKind> Happened { get; } = [];

    /// <summary>What to do with a connection that was accepted.</summary>
    public Action<MspTalk> OnAccepted { get; set; } = _ => { };

    public MspTalk Connect(Instant now, MspHost to, MspProfile profile)
    {
        Assert.True(Endpoint.TryConnect(now, new MspPair(Address, to.Address), profile, out var connection));
        return Add(connection);
    }

    public void OnPacket(Instant now, in MspPair pair, ReadOnlySpan<byte> packet)
    {
        Endpoint.OnPacket(now, pair, packet, events);
        Handle(now);
    }

    public void OnTimer(Instant now)
    {
        Endpoint.OnTimer(now, events);
        Handle(now);
    }

    public void Stop(Instant now, MspTalk talk)
    {
        talk.Connection.Stop(now, events);
        Handle(now);
    }

    /// <summary>Consumes what a talk that does not read by itself has.</summary>
    public void Read(Instant now, MspTalk talk, int bytes = int.MaxValue)
    {
        talk.Read(now, bytes, events);
        Handle(now);
    }

    public void Dispose() => Endpoint.Dispose();

    private void Handle(Instant now)
    {
        for (var i = 0; i < events.Count; i++)
        {
            var happened = events[i];
            Happened.Add(happened.Kind);
            if (happened.Kind == MspEventKind.Accepted)
                OnAccepted(Add(happened.Connection));
            var talk = (MspTalk)happened.Connection.State!;
            Assert.False(talk.IsClosed, $"{happened.Kind} after Closed");
            talk.IsClosed |= happened.Kind == MspEventKind.Closed;
            if (talk.ReadsAll)
                talk.Read(now, int.MaxValue, events);
        }

        events.Clear();
    }

    private MspTalk Add(MspConnection connection)
    {
        var talk = new MspTalk(connection);
        connection.State = talk;
        Talks.Add(talk);
        return talk;
    }
}

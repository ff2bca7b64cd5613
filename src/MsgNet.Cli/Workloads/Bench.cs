using System.Diagnostics;

namespace MsgNet.Cli.Workloads;

/// <summary>Sends as fast as the transport takes it, and counts what arrives.</summary>
internal sealed class Bench(string transport, int size, TimeSpan time, Delivery delivery, int peers)
{
    private const int WarmUpTurnsMax = 5;
    private static readonly TimeSpan WarmUpTurnMax = TimeSpan.FromSeconds(2);

    // What asking two processes for their use takes; an object per message is many times as much.
    private const long SteadyBytesMax = 128 * 1024;

    private readonly byte[] message = new byte[size];

    /// <summary>Warms up, measures, and with <paramref name="latency"/> measures round trips for as long again.</summary>
    public async Task<BenchLine> Run(IBenchReceiver receiver, string? keyFile, bool latency, CancellationToken interrupt)
    {
        if (!receiver.Addresses[0].TryGetPeerId(out var peer))
            throw new EnvironmentException($"The receiver's address {receiver.Addresses[0]} names no peer.");

        var hosts = new List<MessageHost>();
        try
        {
            for (var index = 0; index < peers; index++)
                hosts.Add(await Open(receiver, peer, index == 0 ? keyFile : null, interrupt));
            var options = DeliveryWords.OptionsFor(delivery);
            var sessions = hosts.Select(host => host.OpenSession(peer, MessageCounter.Protocol, options)).ToArray();
            await Task.WhenAll(hosts.Select(host => Ping(host, peer, interrupt).AsTask()));

            await WarmUp(receiver, sessions, interrupt);
            var (received, use) = await Measure(receiver, sessions, time, interrupt);
            var roundTrips = latency ? await MeasureRoundTrips(hosts[0], peer, interrupt) : null;
            return Result(received, use, roundTrips);
        }
        finally
        {
            await Task.WhenAll(hosts.Select(host => host.Close(TimeSpan.Zero, CancellationToken.None).AsTask()));
        }
    }

    private static async Task<MessageHost> Open(IBenchReceiver receiver, PeerId peer, string? keyFile, CancellationToken interrupt)
    {
        var host = await MessageHost.Start(new MsgNetOptions { KeyFile = keyFile }, interrupt);
        foreach (var address in receiver.Addresses)
            host.Network.Peerstore.AddAddress(peer, address);
        return host;
    }

    // Windows and pools grow to the most that was ever under way, which a busy machine reaches late: until a turn adds nothing. Within a
    // process there are no windows. A short run warms up in turns as short.
    private async Task WarmUp(IBenchReceiver receiver, ISocketSession[] sessions, CancellationToken interrupt)
    {
        var turn = time < WarmUpTurnMax ? time : WarmUpTurnMax;
        for (var turns = receiver.IsHere ? 1 : WarmUpTurnsMax; turns > 0; turns--)
        {
            var (_, use) = await Measure(receiver, sessions, turn, interrupt);
            if (use.AllocatedBytes <= SteadyBytesMax)
                return;
        }
    }

    private async Task<(ReceiverLine Received, ResourceUse Use)> Measure(
        IBenchReceiver receiver, ISocketSession[] sessions, TimeSpan time, CancellationToken interrupt)
    {
        await receiver.Start(interrupt);
        var before = ResourceUse.Now;
        await SendAll(sessions, time, interrupt);
        var use = ResourceUse.Now.Since(before);
        var received = await receiver.Stop(interrupt);
        return (received, receiver.IsHere ? use : use + new ResourceUse(received.CpuNanoseconds, received.AllocatedBytes));
    }

    private Task SendAll(ISocketSession[] sessions, TimeSpan time, CancellationToken interrupt)
    {
        var end = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        return Task.WhenAll(sessions.Select(session => Task.Run(() => Send(session, end, interrupt), interrupt)));
    }

    private async Task Send(ISocketSession session, long endTimestamp, CancellationToken interrupt)
    {
        while (Stopwatch.GetTimestamp() < endTimestamp)
            await session.SendMessage(message, interrupt);
    }

    private async Task<RoundTrips> MeasureRoundTrips(MessageHost host, PeerId peer, CancellationToken interrupt)
    {
        var roundTrips = new RoundTrips();
        var begin = Stopwatch.GetTimestamp();
        do
        {
            var start = Stopwatch.GetTimestamp();
            await Ping(host, peer, interrupt);
            roundTrips.AddSince(start);
        }
        while (Stopwatch.GetElapsedTime(begin) < time);
        return roundTrips;
    }

    private ValueTask<Message> Ping(MessageHost host, PeerId peer, CancellationToken interrupt) =>
        host.Request(peer, MessageHost.PingProtocol, message, new RequestOptions { Delivery = delivery }, interrupt);

    private BenchLine Result(ReceiverLine received, ResourceUse use, RoundTrips? roundTrips)
    {
        if (received.Messages == 0)
        {
            throw new MsgNetException(
                $"No message of {size} bytes arrived within {time.TotalSeconds:0.###} s; try a smaller --size or more --seconds.");
        }

        return new BenchLine(
            "result",
            transport,
            DeliveryWords.Of(delivery),
            size,
            Math.Round(received.Messages / received.Seconds, 1),
            Math.Round(received.Bytes / received.Seconds / 1e6, 3),
            Math.Round((double)use.CpuNanoseconds / received.Messages, 1),
            Math.Round((double)use.AllocatedBytes / received.Messages, 2),
            roundTrips is null ? null : Math.Round(roundTrips.MedianMicroseconds, 1),
            roundTrips is null ? null : Math.Round(roundTrips.P99Microseconds, 1));
    }
}

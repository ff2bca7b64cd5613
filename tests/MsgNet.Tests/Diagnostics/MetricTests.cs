using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using MsgNet.Core;
using MsgNet.Platform;
using MsgNet.Testing;

namespace MsgNet.Tests.Diagnostics;

public sealed class MetricTests
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(20);

    [Fact]
    [Covers("API-151")]
    [Covers("API-152")]
    public async Task Known_traffic_gives_known_numbers()
    {
        await using var server = Container("/ip4/127.0.0.1/udp/0");
        await using var client = Container();
        using var received = new Readings(server);
        using var sent = new Readings(client);
        var host = server.GetRequiredService<IMessageHost>();
        host.SetMessageHandler("/sum/1", message => message.Reply(message.Data));
        host.SetMessageHandler("/bad/1", _ => throw new InvalidOperationException("on purpose"));
        var peer = client.GetRequiredService<IMessageHost>();
        peer.Network.Peerstore.AddAddress(host.Id, host.Addresses[0]);
        for (var i = 0; i < 3; i++)
            await peer.Request(host.Id, "/sum/1", "x"u8.ToArray()).AsTask().WaitAsync(Guard);
        await Assert.ThrowsAsync<RequestFailedException>(
            () => peer.Request(host.Id, "/bad/1", "x"u8.ToArray()).AsTask().WaitAsync(Guard));
        await Assert.ThrowsAsync<PeerUnreachableException>(
            () => peer.SendMessage(HandlerRig.Alice, "/sum/1", "x"u8.ToArray()).AsTask().WaitAsync(Guard));

        Assert.Equal(3, sent.Sum("messaging.client.sent.messages", ("messaging.destination.name", "/sum/1")));
        Assert.Equal(
            4, sent.Sum("messaging.client.sent.messages", ("messaging.operation.name", "request"), ("messaging.system", "msgnet")));
        Assert.Equal(
            3, sent.Count("messaging.client.operation.duration", ("messaging.operation.name", "request"), ("error.type", null)));
        Assert.Equal(1, sent.Count("messaging.client.operation.duration", ("error.type", typeof(RequestFailedException).FullName)));
        Assert.Equal(1, sent.Count("messaging.client.operation.duration", ("error.type", typeof(PeerUnreachableException).FullName)));
        Assert.Equal(3, received.Sum("messaging.client.consumed.messages", ("messaging.destination.name", "/sum/1")));
        Assert.Equal(1, received.Count("messaging.process.duration", ("error.type", typeof(InvalidOperationException).FullName)));

        received.Observe();
        sent.Observe();
        Assert.True(received.Sum("msgnet.datagrams", ("network.io.direction", "receive")) >= 4);
        Assert.True(sent.Sum("msgnet.io", ("network.io.direction", "transmit")) > 4 * 50);
        Assert.Equal(1, received.Sum("msgnet.handshakes", ("msgnet.handshake.kind", "answered")));
        Assert.Equal(1, received.Sum("msgnet.peers"));
        Assert.Equal(2, sent.Sum("msgnet.sessions"));
        Assert.Equal(1, received.Sum("msgnet.handler.failed"));
        Assert.Equal(0, received.Sum("msgnet.handler.queue", ("messaging.destination.name", "/sum/1")));
        Assert.Equal(0, received.Sum("msgnet.dropped", ("msgnet.drop.reason", "bad_mac")));
    }

    [Fact]
    [Covers("API-152")]
    public async Task Instruments_and_units_are_those_of_the_specification()
    {
        await using var container = Container();
        using var readings = new Readings(container);
        _ = container.GetRequiredService<IMessageHost>();
        Assert.Equal(
            [
                "messaging.client.consumed.messages {message}", "messaging.client.operation.duration s",
                "messaging.client.sent.messages {message}", "messaging.process.duration s", "msgnet.datagrams {datagram}",
                "msgnet.datagrams.refused {datagram}", "msgnet.dropped {drop}", "msgnet.handler.busy {message}",
                "msgnet.handler.failed {call}", "msgnet.handler.queue {message}", "msgnet.handler.slow {call}",
                "msgnet.handler.stuck {call}", "msgnet.handshakes {handshake}", "msgnet.io By", "msgnet.lanes {lane}",
                "msgnet.peers {peer}", "msgnet.peers.evicted {peer}", "msgnet.peers.refused {peer}", "msgnet.receive.errors {error}",
                "msgnet.segments {segment}", "msgnet.segments.resent {segment}", "msgnet.sessions {session}",
                "msgnet.sessions.established {session}",
            ],
            readings.Instruments.Order(StringComparer.Ordinal));
    }

    [Fact]
    [Covers("API-151")]
    public async Task What_a_closed_host_counted_stays()
    {
        using var meter = new Meter("closed");
        var shared = new MsgNetMeter(meter);
        using var readings = new Readings(meter);
        await using var server = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        for (var i = 1; i <= 2; i++)
        {
            await using (var client = Host(SystemPlatform.Instance, shared))
            {
                client.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);
                await client.Request(server.Id, MessageHost.PingProtocol, "x"u8.ToArray()).AsTask().WaitAsync(Guard);
                readings.Observe();
                Assert.Equal(i, readings.Sum("msgnet.sessions.established"));
                Assert.Equal(1, readings.Sum("msgnet.peers"));
            }

            readings.Observe();
            Assert.Equal(i, readings.Sum("msgnet.sessions.established"));
            Assert.Equal(0, readings.Sum("msgnet.peers"));
        }
    }

    [Fact]
    [Covers("API-155")]
    public async Task What_ports_lose_is_counted_and_stays_when_they_are_closed()
    {
        using var meter = new Meter("faulty");
        var host = Host(new FaultyPlatform(), new MsgNetMeter(meter));
        using var readings = new Readings(meter);
        await using (host)
        {
            await using (var socket = host.Network.Transports()[0].Open())
            {
                await socket.Listen("/ip4/127.0.0.1/udp/0/plain");
                await socket.WriteMessage(new byte[1], "/ip4/127.0.0.1/udp/9/plain");
                await socket.WriteMessage(new byte[1], "/ip4/127.0.0.1/udp/9/plain");
                readings.Await("msgnet.datagrams.refused", 2);
                readings.Await("msgnet.receive.errors", 1);
            }

            await host.Network.Listen("/ip4/127.0.0.1/udp/0");
            readings.Await("msgnet.receive.errors", 2);
            using var nobody = Identity.Generate();
            host.Network.Peerstore.AddAddress(nobody.Id, "/ip4/127.0.0.1/udp/9");
            await host.SendMessage(nobody.Id, "/x", new byte[1]);
            Assert.True(SpinWait.SpinUntil(() => readings.Now("msgnet.datagrams.refused") > 2, Guard));
        }

        Assert.True(readings.Now("msgnet.datagrams.refused") > 2);
        Assert.Equal(2, readings.Now("msgnet.receive.errors"));
    }

    [Fact]
    [Covers("API-155")]
    public async Task Messages_that_find_an_inbox_full_are_counted_and_stay_so_when_it_is_closed()
    {
        using var meter = new Meter("inbox");
        var host = Host(SystemPlatform.Instance, new MsgNetMeter(meter));
        using var readings = new Readings(meter);
        await using (host)
        {
            await using (var reading = host.Network.Transports()[0].Open())
            await using (var writing = host.Network.Transports()[0].Open())
            {
                await reading.Listen("/ip4/127.0.0.1/udp/0/plain");
                for (var i = 0; i < Limits.HandlerQueueMessagesMax + 3; i++)
                    await writing.WriteMessage(new byte[1], reading.Addresses[0]);
                readings.Await("msgnet.dropped", 3, ("msgnet.drop.reason", "inbox_full"));
                Assert.Equal(3, host.Diagnostics.Readings!.Dropped);
            }

            readings.Await("msgnet.dropped", 3, ("msgnet.drop.reason", "inbox_full"));
        }
    }

    [Fact]
    [Covers("API-066")]
    public async Task What_waits_for_a_handler_when_it_is_removed_and_when_its_host_closes_is_counted()
    {
        using var meter = new Meter("removed");
        var host = Host(SystemPlatform.Instance, new MsgNetMeter(meter));
        using var readings = new Readings(meter);
        await using (var client = await MessageHost.Start())
        await using (host)
        {
            await host.Network.Listen("/ip4/127.0.0.1/udp/0");
            client.Network.Peerstore.AddAddress(host.Id, host.Addresses[0]);
            await LetWait("/removed", 2);
            Assert.True(host.RemoveMessageHandler("/removed"));
            readings.Await("msgnet.dropped", 2, ("msgnet.drop.reason", "handler_removed"));
            await LetWait("/closed", 3);
            await host.Close(TimeSpan.Zero);

            async Task LetWait(ProtocolId protocol, int count)
            {
                host.SetMessageHandler(protocol, static (_, token) => new ValueTask(Task.Delay(Timeout.Infinite, token)));
                for (var i = 0; i <= count; i++)
                    await client.SendMessage(host.Id, protocol, new byte[1]);
                readings.Await("msgnet.handler.queue", count, ("messaging.destination.name", protocol.Name));
            }
        }

        Assert.Equal(5, readings.Now("msgnet.dropped", ("msgnet.drop.reason", "handler_removed")));
    }

    [Fact]
    [Covers("API-153")]
    public void Protocols_after_the_first_256_share_a_name()
    {
        using var meter = new Meter("many");
        var diagnostics = new HostDiagnostics(new FakePlatform(), new RecordingLogger(), new MsgNetMeter(meter));
        using var readings = new Readings(meter);
        for (var i = 0; i < Limits.MeasuredProtocolsMax + 10; i++)
            diagnostics.For($"/name/{i}").OnSent(1);
        Assert.Equal(10, readings.Sum("messaging.client.sent.messages", ("messaging.destination.name", "_OTHER")));
        Assert.Equal(1, readings.Sum("messaging.client.sent.messages", ("messaging.destination.name", "/name/255")));
    }

    [Fact]
    [Covers("API-154")]
    public void Counting_and_timing_allocate_nothing()
    {
        using var meter = new Meter("allocations");
        var platform = new FakePlatform();
        var protocol = new ProtocolDiagnostics(platform, new MsgNetMeter(meter), "/x");
        var silent = new ProtocolDiagnostics(platform, meter: null, "/x");
        using var listener = new MeterListener();
        var seen = 0L;
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => seen += count);
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => seen++);
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (ReferenceEquals(instrument.Meter, meter))
                listener.EnableMeasurementEvents(instrument);
        };
        listener.Start();
        var peer = HandlerRig.Alice;
        Allocations.AssertAtMost<byte>(0, [], _ =>
        {
            for (var i = 0; i < 100; i++)
            {
                Use(protocol, peer);
                Use(silent, peer);
            }
        });
        Assert.True(seen > 0 && seen % 400 == 0);
    }

    private static void Use(ProtocolDiagnostics protocol, PeerId peer)
    {
        protocol.OnSent(1);
        protocol.OnConsumed(1);
        protocol.OnRequested();
        var observation = protocol.Begin(protocol.Send, peer, 10);
        observation.Leave();
        observation.End(null);
    }

    private static MessageHost Host(IHostPlatform platform, MsgNetMeter shared) =>
        MessageHost.Create(platform, new MsgNetOptions(), MessageHost.DefaultTransports, loggers: null, shared);

    private static ServiceProvider Container(params string[] listen)
    {
        var services = new ServiceCollection();
        services.AddMetrics();
        services.AddMsgNet(options =>
        {
            foreach (var address in listen)
                options.Listen.Add(address);
        });
        return services.BuildServiceProvider();
    }

    /// <summary>What one meter said: sums of counters, the last of what is observed.</summary>
    private sealed class Readings : IDisposable
    {
        private readonly MeterListener listener = new();
        private readonly ConcurrentQueue<(string Name, double Value, KeyValuePair<string, object?>[] Tags)> measured = [];

        public Readings(IServiceProvider container)
            : this(container.GetRequiredService<IMeterFactory>().Create(
                new MeterOptions(MsgNetDiagnostics.MeterName)))
        {
        }

        public Readings(Meter meter)
        {
            listener.InstrumentPublished = (instrument, _) =>
            {
                if (!ReferenceEquals(instrument.Meter, meter))
                    return;

                Instruments.Enqueue($"{instrument.Name} {instrument.Unit}");
                listener.EnableMeasurementEvents(instrument);
            };
            listener.SetMeasurementEventCallback<long>(
                (instrument, value, tags, _) => measured.Enqueue((instrument.Name, value, tags.ToArray())));
            listener.SetMeasurementEventCallback<double>(
                (instrument, value, tags, _) => measured.Enqueue((instrument.Name, value, tags.ToArray())));
            listener.Start();
        }

        public ConcurrentQueue<string> Instruments { get; } = [];

        public void Observe()
        {
            measured.Clear();
            listener.RecordObservableInstruments();
        }

        public double Now(string name, params (string Key, object? Value)[] tags)
        {
            Observe();
            return Sum(name, tags);
        }

        public void Await(string name, double sum, params (string Key, object? Value)[] tags) =>
            Assert.True(SpinWait.SpinUntil(() => Now(name, tags) == sum, Guard), $"{name} is {Now(name, tags)}");

        public double Sum(string name, params (string Key, object? Value)[] tags) => Find(name, tags).Sum(one => one.Value);

        public int Count(string name, params (string Key, object? Value)[] tags) => Find(name, tags).Count();

        public void Dispose() => listener.Dispose();

        private IEnumerable<(string Name, double Value, KeyValuePair<string, object?>[] Tags)> Find(
            string name, (string Key, object? Value)[] tags) =>
            measured.Where(one => one.Name == name && tags.All(
                tag => Equals(one.Tags.FirstOrDefault(found => found.Key == tag.Key).Value, tag.Value)));
    }
}

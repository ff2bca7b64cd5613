using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using MsgNet.Core;
using MsgNet.Platform;
using MsgNet.Testing;

namespace MsgNet.Tests.Diagnostics;

public sealed partial class LogEventTests
{
    private const string Loopback = "/ip4/127.0.0.1/udp/0";

    [Fact]
    [Covers("API-142")]
    public void Every_event_has_an_id_of_its_own_that_the_table_lists()
    {
        var events = typeof(MessageHost).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
            .OfType<LoggerMessageAttribute>()
            .Select(logged => $"{logged.EventId} {logged.Level}")
            .Order()
            .ToArray();
        Assert.True(events.Length >= 15);
        Assert.Equal(events.Length, events.Select(logged => logged.Split(' ')[0]).Distinct().Count());
        var table = Row().Matches(File.ReadAllText(RepositoryFiles.PathOf("specs", "api.md")))
            .Select(row => $"{row.Groups["id"].Value} {row.Groups["level"].Value}");
        Assert.Equal(events, table.Order());
    }

    [Fact]
    [Covers("API-141")]
    public async Task The_life_of_a_host_is_logged()
    {
        var logger = new RecordingLogger();
        await using (var host = await Start(logger, new MsgNetOptions { Listen = { Loopback } }))
        {
            var started = Assert.Single(logger.Entries);
            Assert.Equal((LogLevel.Information, 1020), (started.Level, started.Id.Id));
            Assert.Contains(host.Addresses[0].ToString(), started.Text, StringComparison.Ordinal);
        }

        Assert.Equal([1020, 1021, 1022], logger.Entries.Select(entry => entry.Id.Id));
        Assert.Contains("0 datagrams received, 0 sent", logger.Entries[2].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_happens_with_peers_is_logged_at_debug()
    {
        var logger = new RecordingLogger();
        await using var server = await MessageHost.Start(Loopback);
        server.SetMessageHandler("/x", _ => { });
        await using (var client = await Start(logger, new MsgNetOptions()))
        {
            client.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);
            await client.Request(server.Id, MessageHost.PingProtocol, "x"u8.ToArray());
        }

        Assert.Equal(1, logger.CountOf(1040));
        Assert.Equal(LogLevel.Debug, logger.Entries.Single(entry => entry.Id.Id == 1040).Level);
    }

    [Fact]
    public void Peers_that_come_too_fast_are_counted_and_not_kept()
    {
        var logger = new RecordingLogger();
        var scheduler = new ManualScheduler();
        var peers = new LoggedPeers(new PeerEventHub(new Gate(), scheduler), logger, scheduler);
        for (var i = 0; i < Limits.PeerEventsMax + 5; i++)
            peers.OnPeerEvent(PeerEventKind.Disconnected, HandlerRig.Alice, null, "gone");
        Assert.Empty(logger.Entries);
        scheduler.Run();
        Assert.Equal(Limits.PeerEventsMax, logger.CountOf(1041));
        Assert.Contains("5 events", Assert.Single(logger.Entries, entry => entry.Id.Id == 1044).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_kind_of_event_has_its_line()
    {
        var logger = new RecordingLogger();
        var scheduler = new ManualScheduler();
        var peers = new LoggedPeers(new PeerEventHub(new Gate(), scheduler), logger, scheduler);
        foreach (var kind in Enum.GetValues<PeerEventKind>())
            peers.OnPeerEvent(kind, HandlerRig.Alice, "/memory/1", "why");
        scheduler.Run();
        Assert.Equal([1040, 1041, 1042, 1043, 1045], logger.Entries.Select(entry => entry.Id.Id).Order());
    }

    [Fact]
    [Covers("API-143")]
    public void Drops_are_one_line_a_second_with_their_reasons()
    {
        var logger = new RecordingLogger();
        var counters = new NodeCounters();
        var reports = new DropReports(counters, logger);
        var now = Instant.FromMicroseconds(1_000_000);
        reports.Sample(now);
        Assert.Empty(logger.Entries);

        Count(counters, DropReason.BadMac, 3);
        Count(counters, DropReason.Malformed, 1);
        reports.Sample(now + TimeSpan.FromMilliseconds(999));
        Assert.Empty(logger.Entries);
        reports.Sample(now + TimeSpan.FromSeconds(1));
        var line = Assert.Single(logger.Entries);
        Assert.Equal((LogLevel.Warning, 1060), (line.Level, line.Id.Id));
        Assert.Equal("Dropped since the last such line: 1 malformed, 3 bad_mac.", line.Text);

        Count(counters, DropReason.BadMac, 2);
        reports.Sample(now + TimeSpan.FromSeconds(2));
        Assert.Equal("Dropped since the last such line: 2 bad_mac.", logger.Entries[1].Text);
        reports.Sample(now + TimeSpan.FromSeconds(9));
        Assert.Equal(2, logger.Entries.Count);
    }

    private static void Count(NodeCounters counters, DropReason reason, int count) => typeof(NodeCounters)
        .GetMethod("CountDropped", BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(counters, [reason, count]);

    private static ValueTask<MessageHost> Start(RecordingLogger logger, MsgNetOptions options) => MessageHost.Start(
        SystemPlatform.Instance, options, MessageHost.DefaultTransports, new OneLogger(logger), CancellationToken.None);

    [GeneratedRegex(@"^\| (?<id>\d{4}) \| (?<level>\w+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}

using System.CommandLine;
using System.Diagnostics;
using System.Security.Cryptography;

namespace MsgNet.Cli.Commands;

/// <summary><c>ping</c>: requests on the protocol every host answers. CLI-051, CLI-052.</summary>
internal static class PingCommand
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan IntervalDefault = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var common = new CommonOptions();
        var trustFirst = Options.TrustFirst();
        var address = Options.Address(isRequired: true, trustFirst);
        var count = Options.Count("-c", "How many pings; without it until Ctrl-C.", 0, 1, int.MaxValue, "--count");
        var interval = Options.Seconds("-i", "Seconds between pings. Default 1.", "--interval");
        var size = Options.Size("--size", "Bytes of a ping.", 32, 0, 65_535);
        var command = new Command("ping", "Measure the round trip to a peer.") { address, count, interval, size, trustFirst }
            .WithExample($"msgnet ping {HelpExamples.Address} -c 3");
        common.AddTo(command);
        command.SetAction((parsed, interrupt) => Failures.Guard(
            async () =>
            {
                var output = new Output(parsed.GetValue(common.Json));
                await using var opened = await OpenHost.Open(parsed, common, listens: false, AnswerTimeout, interrupt);
                await using var target = await Target.Find(opened.Host, parsed.GetRequiredValue(address)!, output, interrupt);
                var pinger = new Pinger(opened.Host, target, output, parsed.GetValue(size));
                return await pinger.Run(parsed.GetValue(count), parsed.GetValue(interval) ?? IntervalDefault, interrupt);
            },
            interrupted: ExitCodes.Done));
        return command;
    }

    private sealed class Pinger(IMessageHost host, Target target, Output output, int size)
    {
        private readonly RoundTrips roundTrips = new();
        private readonly byte[] payload = RandomNumberGenerator.GetBytes(size);
        private int sent;

        public async Task<int> Run(int count, TimeSpan interval, CancellationToken interrupt)
        {
            var code = ExitCodes.Failed;
            try
            {
                await PingAll(count, interval, interrupt);
            }
            catch (OperationCanceledException)
            {
                code = ExitCodes.Done;
            }

            Summarise();
            return roundTrips.Count > 0 ? ExitCodes.Done : code;
        }

        private async Task PingAll(int count, TimeSpan interval, CancellationToken interrupt)
        {
            while (true)
            {
                if (!await TryPing(interrupt) || sent == count)
                    return;

                await Task.Delay(interval, interrupt);
            }
        }

        // False when there is no use in going on.
        private async Task<bool> TryPing(CancellationToken interrupt)
        {
            var start = Stopwatch.GetTimestamp();
            var sequence = sent++;
            try
            {
                var options = new RequestOptions { Timeout = AnswerTimeout + TimeSpan.FromMilliseconds(500) };
                var pong = await host.Request(target.Peer, MessageHost.PingProtocol, payload, options, interrupt);
                var rtt = roundTrips.AddSince(start);
                output.Write(
                    new PongLine("pong", sequence, rtt), $"{pong.Data.Length} bytes from {target.Peer}: sequence {sequence}, {rtt} µs");
                return true;
            }
            catch (Exception error) when (error is MsgNetException or TimeoutException)
            {
                Failures.Report(error);
                return error is not PeerUnreachableException || roundTrips.Count > 0;
            }
        }

        private void Summarise()
        {
            if (roundTrips.Count == 0)
            {
                output.Write(new PingSummaryLine("summary", sent, 0, null, null, null), $"{sent} sent, none answered");
                return;
            }

            var (min, median) = ((long)roundTrips.MinMicroseconds, (long)roundTrips.MedianMicroseconds);
            var p99 = (long)roundTrips.P99Microseconds;
            output.Write(
                new PingSummaryLine("summary", sent, roundTrips.Count, min, median, p99),
                $"{sent} sent, {roundTrips.Count} answered; min {min} µs, median {median} µs, p99 {p99} µs");
        }
    }
}

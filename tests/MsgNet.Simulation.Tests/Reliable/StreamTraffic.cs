using System.Buffers.Binary;
using MsgNet.Core;

namespace MsgNet.Simulation.Tests.Reliable;

/// <summary>
/// Streams between the hosts of a scenario: each sends its number and some bytes, and gets them back. What comes back must be right up to
/// where the stream ends, and all of it unless the stream says that it was lost.
/// </summary>
internal sealed class StreamTraffic(Simulation simulation, List<string> violations)
{
    private static readonly ProtocolId Protocol = "/reliable/stream/1";
    private readonly SeededRandom random = new(simulation.Seed, stream: 78);
    private readonly Dictionary<int, int> lives = [];
    private readonly Dictionary<int, Exchange> open = [];
    private int opened;

    /// <summary>Streams that came back whole.</summary>
    public int Completed { get; private set; }

    /// <summary>Streams that were lost, and said so.</summary>
    public int Lost { get; private set; }

    /// <summary>A host starts, for the first time or again.</summary>
    public void Serve(SimulatedHost host)
    {
        lives[host.Index] = lives.GetValueOrDefault(host.Index) + 1;
        host.Host.SetStreamHandler(Protocol, Echo);
    }

    /// <summary>A host opens streams to the others until that time.</summary>
    public async Task Talk(SimulatedHost host, TimeSpan until)
    {
        while (simulation.Now < until)
        {
            await simulation.Delay(random.NextTime(TimeSpan.FromSeconds(240)));
            if (!host.IsRunning)
                continue;

            var other = simulation.Hosts[(host.Index + random.NextInt32(1, simulation.Hosts.Count)) % simulation.Hosts.Count];
            var length = random.NextBool(0.1) ? random.NextInt32(0, 100_000) : random.NextInt32(0, 5_000);
            _ = Run(new Exchange(++opened, host, lives[host.Index], other, length));
        }
    }

    /// <summary>
    /// Every stream of a host that still lives has come back, or was reported as lost. Who only reads learns of a loss by new keys.
    /// </summary>
    public void CheckNothingIsOpen(string when)
    {
        foreach (var (id, exchange) in open)
        {
            var isAlive = exchange.From.IsRunning && lives[exchange.From.Index] == exchange.Life;
            if (isAlive)
                violations.Add($"{when}: stream {id} of {exchange.Length} bytes from {exchange.From} to {exchange.To} has not ended");
        }
    }

    private static async ValueTask Echo(Stream stream, PeerId from, CancellationToken cancellationToken) =>
        await stream.CopyToAsync(stream, 1_000, cancellationToken);

    private async Task Run(Exchange exchange)
    {
        open.Add(exchange.Id, exchange);
        try
        {
            await using var stream = (MessageStream)await exchange.From.Host.OpenStream(exchange.To.Id, Protocol);
            var writing = Write(stream, exchange);
            await Read(stream, exchange);
            await writing;
            await stream.Completion;
            Completed++;
        }
        catch (Exception error) when (error is MsgNetException or IOException { InnerException: MsgNetException })
        {
            Lost++;
        }

        open.Remove(exchange.Id);
    }

    private async Task Write(MessageStream stream, Exchange exchange)
    {
        var data = new byte[sizeof(int) + exchange.Length];
        for (var position = 0; position < data.Length; position++)
            data[position] = exchange.At(position);

        for (var written = 0; written < data.Length;)
        {
            var next = Math.Min(random.NextInt32(1, 20_000), data.Length - written);
            await stream.WriteAsync(data.AsMemory(written, next));
            written += next;
        }

        stream.CompleteWrites();
    }

    private async Task Read(MessageStream stream, Exchange exchange)
    {
        var buffer = new byte[4_000];
        var position = 0;
        while (await stream.ReadAsync(buffer) is var count and > 0)
        {
            foreach (var read in buffer.AsSpan(0, count))
            {
                if (read == exchange.At(position++))
                    continue;

                violations.Add($"stream {exchange.Id} from {exchange.From} to {exchange.To} came back changed at {position - 1}");
                return;
            }
        }

        if (position != sizeof(int) + exchange.Length)
            violations.Add($"stream {exchange.Id} of {exchange.Length} bytes from {exchange.From} to {exchange.To} ended at {position}");
    }

    private sealed record Exchange(int Id, SimulatedHost From, int Life, SimulatedHost To, int Length)
    {
        /// <summary>The byte at a position: four of the number, then bytes that depend on it.</summary>
        public byte At(int position)
        {
            if (position >= sizeof(int))
                return (byte)((Id * 31) + (position * 7) + (position >> 8));

            Span<byte> header = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32BigEndian(header, Id);
            return header[position];
        }
    }
}

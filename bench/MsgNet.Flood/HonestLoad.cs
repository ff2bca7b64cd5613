using System.Collections.Concurrent;
using System.Diagnostics;
using MsgNet.Platform;

namespace MsgNet.Flood;

/// <summary>Hosts that had a session before the flood and make requests at a steady rate, and hosts that come during it.</summary>
internal sealed class HonestLoad : IAsyncDisposable
{
    private const int Clients = 10;
    private const int RequestsPerSecond = 1000;
    private const int DialCount = 20;
    private const int MessageLength = 64;

    private static readonly RequestOptions Options = new() { Timeout = TimeSpan.FromSeconds(1) };
    private readonly List<MessageHost> clients = [];
    private readonly PeerId target;
    private readonly Multiaddress address;
    private readonly byte[] message = new byte[MessageLength];

    private HonestLoad(PeerId target, Multiaddress address)
    {
        this.target = target;
        this.address = address;
    }

    /// <summary>Connects the hosts.</summary>
    public static async Task<HonestLoad> Connect(Multiaddress address)
    {
        if (!address.TryGetPeerId(out var target))
            throw new ArgumentException("The address has no peer id.", nameof(address));

        var load = new HonestLoad(target, address);
        for (var i = 0; i < Clients; i++)
        {
            load.clients.Add(await load.StartHost());
            await load.clients[i].Request(target, Responder.Protocol, load.message);
        }

        return load;
    }

    /// <summary>Makes requests and dials for <paramref name="time"/>, and waits for what became of them.</summary>
    public async Task<LoadResult> Run(TimeSpan time)
    {
        var latencies = new ConcurrentBag<double>();
        var requests = new List<Task>();
        var dials = new List<Task<double?>>();
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) is var elapsed && elapsed < time)
        {
            while (requests.Count < elapsed.TotalSeconds * RequestsPerSecond)
                requests.Add(Ask(clients[requests.Count % Clients], latencies));
            while (dials.Count < DialCount * (elapsed / time))
                dials.Add(Dial());
            await Task.Delay(1);
        }

        await Task.WhenAll(requests);
        var dialled = await Task.WhenAll(dials);
        return new LoadResult(requests.Count, [.. latencies.Order()], dials.Count, [.. dialled.OfType<double>()]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in clients)
            await client.Close(TimeSpan.Zero);
    }

    private Task<MessageHost> StartHost() => Hosts.StartClient(target, address, SystemPlatform.Instance);

    private async Task Ask(MessageHost client, ConcurrentBag<double> latencies)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            await client.Request(target, Responder.Protocol, message, Options);
            latencies.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        catch (Exception error) when (error is MsgNetException or TimeoutException)
        {
            // Not answered: that is what is counted.
        }
    }

    // Seconds until the first reply; null without one.
    private async Task<double?> Dial()
    {
        var start = Stopwatch.GetTimestamp();
        var host = await StartHost();
        try
        {
            await host.Request(target, Responder.Protocol, message);
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        catch (Exception error) when (error is MsgNetException or TimeoutException)
        {
            return null;
        }
        finally
        {
            await host.Close(TimeSpan.Zero);
        }
    }
}

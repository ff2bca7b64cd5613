namespace MsgNet.Cli;

/// <summary>The peer of an <c>ADDR</c>, told to a host, and whether it has answered yet.</summary>
internal sealed class Target : IAsyncDisposable
{
    private readonly CancellationTokenSource ended = new();
    private readonly TaskCompletionSource<Multiaddress?> connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task watching;

    private Target(IMessageHost host, Multiaddress address, PeerId peer)
    {
        Address = address;
        Peer = peer;
        watching = Watch(host.Network.PeerEvents(ended.Token));
    }

    public Multiaddress Address { get; }

    public PeerId Peer { get; }

    /// <summary>Ends when a channel to the peer stands, with the address it answered from.</summary>
    public Task<Multiaddress?> Connected => connected.Task;

    /// <summary>Tells <paramref name="host"/> the address, once it is known who is there. CLI-008.</summary>
    /// <exception cref="UsageException">The address is the host's own, or of a kind that cannot be asked.</exception>
    public static async Task<Target> Find(IMessageHost host, Multiaddress address, Output output, CancellationToken interrupt)
    {
        if (address.TryGetPeerId(out _))
            return Of(host, address);

        PeerId peer;
        try
        {
            peer = await host.Network.Resolve(address, interrupt);
        }
        catch (ArgumentException error)
        {
            throw UsageException.From(error);
        }

        Failures.Say($"{address} says it is {peer}; nobody has proven that. From now on dial {address.WithPeerId(peer)}");
        if (output.IsJson)
            output.Write(new TrustedLine("trusted", peer.ToString(), address.ToString()), "");

        return Of(host, address.WithPeerId(peer));
    }

    private static Target Of(IMessageHost host, Multiaddress address)
    {
        var place = address.WithoutPeerId();
        if (!address.TryGetPeerId(out var peer) || place is null || !host.Network.Transports().Any(transport => transport.CanDial(place)))
            throw new UsageException($"{address} is no address to dial: write /ip4/HOST/udp/PORT before /p2p/{peer}.");
        if (!peer.IsEd25519)
            throw new UsageException($"{peer} holds no Ed25519 key to seal messages for: a peer of MsgNet has an id such as 12D3Koo….");
        if (peer == host.Id)
            throw new UsageException($"{address} is this side's own identity: use another --identity, or another peer.");

        host.Network.Peerstore.AddAddress(peer, address);
        return new Target(host, address, peer);
    }

    /// <summary>What was tried, when nobody who waited was told: the address as it was given.</summary>
    public PeerUnreachableException NoAnswer(TimeSpan timeout) =>
        new(Peer, [new DialAttempt(Address.ToString(), $"no answer within {timeout.TotalSeconds:0.###} s")]);

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await watching;
        ended.Dispose();
    }

    private async Task Watch(IAsyncEnumerable<PeerEvent> events)
    {
        try
        {
            await foreach (var happened in events)
            {
                if (happened.Kind == PeerEventKind.Connected && happened.Peer == Peer)
                    connected.TrySetResult(happened.Address);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed: nobody waits any more.
        }
    }
}

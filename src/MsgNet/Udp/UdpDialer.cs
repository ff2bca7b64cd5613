using System.Diagnostics.CodeAnalysis;
using System.Net;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// Turns a peer's multiaddrs into UDP addresses, looking up names where need be, and starts the handshake. Under the gate.
/// </summary>
internal sealed class UdpDialer(UdpEndpoints endpoints)
{
    private readonly Dictionary<PeerId, Dial> dials = [];

    /// <summary>
    /// Starts to reach a peer. True when a handshake runs; false while names are looked up, and with <paramref name="failure"/> when there
    /// is nothing to try.
    /// </summary>
    public bool TryDial(Instant now, PeerChannel peer, PeerInfo info, out Exception? failure)
    {
        failure = null;
        if (!dials.TryGetValue(peer.Id, out var dial) || dial.Lookups.Count == 0)
        {
            Forget(peer.Id);
            dials[peer.Id] = dial = new Dial(peer.Id);
            foreach (var address in AddressesOf(info))
                Collect(dial, address);
            LimitLookups(now, dial);
        }

        if (dial.Targets.Count > 0) // API-089
        {
            Start(now, peer, dial);
            return true;
        }

        if (dial.Lookups.Count > 0)
            return false;

        failure = new PeerUnreachableException(peer.Id, dial.Failed.ToArray());
        Forget(peer.Id);
        return false;
    }

    /// <summary>
    /// Finds the peer's channel, dialled if need be. True when it stands or is being dialled; false while names are looked up, and with
    /// <paramref name="failure"/> when there is no way.
    /// </summary>
    public bool TryReach(
        Instant now, PeerInfo info, [NotNullWhen(true)] ref PeerChannel? channel, out Exception? failure)
    {
        failure = null;

        if (channel is null or { IsRemoved: true } && !endpoints.Node.TryFindPeer(info.Id, out channel))
            endpoints.WaitForGoodbye(info.Id);

        // What it is told comes first: then the peer is gone, and can be dialled again. Nothing else would end a wait on it.
        if (channel is { IsClosing: true })
            endpoints.PumpNow();

        if (channel is null or { IsRemoved: true } && !endpoints.Node.TryGetPeer(now, info.Id, out channel))
        {
            failure = new MsgNetException(
                $"This host has state for {endpoints.Context.Options.PeersMax} peers, its limit; close some, or raise PeersMax.");
            return false;
        }

        return channel.IsReady || channel.IsConnecting || channel.Address is not null || TryDial(now, channel, info, out failure);
    }

    /// <summary>True for a peer of which only addresses with <c>/msp</c> are known: it is sent to by lanes alone.</summary>
    public bool IsPinned(PeerId peer) // MA-023
    {
        var addresses = endpoints.Context.Peerstore.Addresses(peer);
        return addresses.Any(UdpAddress.IsPinned) && !addresses.Any(UdpAddress.IsSealed);
    }

    /// <summary>What was tried and why it failed, once the handshake has given up.</summary>
    public IReadOnlyList<DialAttempt> Describe(PeerId peer, IReadOnlyList<(NetAddress Address, int Sends)> targets)
    {
        var timeout = endpoints.Context.Options.DialTimeout;
        var tried = targets.Select(target => new DialAttempt(
            UdpAddress.From(target.Address).ToString(),
            target.Sends == 0 ? "not tried" : $"no answer within {timeout.TotalSeconds:0.###} s ({target.Sends} HELLOs sent)"));
        if (!dials.Remove(peer, out var dial))
            return [.. tried];

        GiveUpLookups(dial);
        return [.. tried, .. dial.Failed];
    }

    /// <summary>The peer was reached, or is no longer wanted: forget how, and drop what a look-up still brings.</summary>
    public void Forget(PeerId peer)
    {
        if (dials.Remove(peer, out var dial))
            dial.Dispose();
    }

    private IEnumerable<Multiaddress> AddressesOf(PeerInfo info) => info.Addresses
        .Concat(endpoints.Context.Peerstore.Addresses(info.Id))
        .Where(address => UdpAddress.IsSealed(address) || UdpAddress.IsPinned(address))
        .Select(address => UdpAddress.WithoutPin(address.WithoutPeerId()!))
        .Distinct()
        .Take(Limits.AddressesPerPeerMax);

    private void Collect(Dial dial, Multiaddress address)
    {
        if (address.TryGetUdpEndPoint(out var ip, out var port))
        {
            AddTarget(dial, address, ip, port);
            return;
        }

        if (!address.TryGetDns(out var name, out _))
            return;

        dial.Lookups.Add(address);
        var lookup = new NameLookup(endpoints.Context.Platform, name, dial.Ended);
        if (lookup.IsCompleted)
            OnResolved(dial, address, lookup);
        else
            lookup.OnCompleted(() => OnResolvedLater(dial, address, lookup));
    }

    // Nothing else would end the wait for a name: a look-up takes as long as name servers let it.
    private void LimitLookups(Instant now, Dial dial)
    {
        if (dial.Lookups.Count == 0)
            return;

        dial.Timer = endpoints.Context.Platform.CreateTimer(() => OnTooLate(dial));
        dial.Timer.Set(now + endpoints.Context.Options.DialTimeout);
    }

    private void OnTooLate(Dial dial) // API-089
    {
        using (endpoints.Context.Gate.Enter())
        {
            if (dial.Lookups.Count == 0)
                return;

            GiveUpLookups(dial);
            FailIfNothingIsLeft(dial);
        }
    }

    private void OnResolvedLater(Dial dial, Multiaddress address, NameLookup lookup)
    {
        using (endpoints.Context.Gate.Enter())
        {
            if (!dial.Lookups.Contains(address))
            {
                lookup.Forget();
                return;
            }

            var now = endpoints.Now;
            OnResolved(dial, address, lookup);
            FailIfNothingIsLeft(dial);
            if (dial.Targets.Count == 0 || !endpoints.Node.TryFindPeer(dial.Peer, out var peer))
                return;

            Start(now, peer, dial);
            endpoints.Sessions.OnRoom(dial.Peer);
            endpoints.Pump();
        }
    }

    private void FailIfNothingIsLeft(Dial dial)
    {
        if (dial.Targets.Count > 0 || dial.Lookups.Count > 0)
            return;

        Forget(dial.Peer);
        endpoints.Sessions.FailAll(dial.Peer, new PeerUnreachableException(dial.Peer, dial.Failed.ToArray()));
    }

    private void GiveUpLookups(Dial dial)
    {
        var timeout = endpoints.Context.Options.DialTimeout;
        foreach (var address in dial.Lookups)
        {
            dial.Failed.Add(new DialAttempt(
                address.ToString(), $"the name was not looked up within {timeout.TotalSeconds:0.###} s"));
        }

        dial.Dispose();
    }

    private void OnResolved(Dial dial, Multiaddress address, NameLookup lookup)
    {
        dial.Lookups.Remove(address);
        try
        {
            var found = lookup.Take();
            var wanted = UdpAddress.Wanted(address, found);
            if (wanted.Count == 0)
                dial.Failed.Add(new DialAttempt(address.ToString(), UdpAddress.NothingFound(found)));

            foreach (var ip in wanted)
            {
                if (address.WithResolved(ip).TryGetUdpEndPoint(out _, out var port))
                    AddTarget(dial, address, ip, port);
            }
        }
        catch (Exception error) when (error is System.Net.Sockets.SocketException or MsgNetException or ArgumentException)
        {
            dial.Failed.Add(new DialAttempt(address.ToString(), $"the name cannot be looked up: {error.Message}"));
        }
    }

    private void AddTarget(Dial dial, Multiaddress address, IPAddress ip, int port)
    {
        if (port == 0)
        {
            dial.Failed.Add(new DialAttempt(address.ToString(), "port 0 is nobody's port"));
            return;
        }

        try
        {
            dial.Targets.Add(NetAddress.From(ip, port, endpoints.PortFor(ip)));
        }
        catch (MsgNetException error)
        {
            dial.Failed.Add(new DialAttempt(address.ToString(), error.Message));
        }
    }

    private void Start(Instant now, PeerChannel peer, Dial dial) =>
        endpoints.Node.Dial(now, peer, dial.Targets.ToArray(), endpoints.Context.Options.DialTimeout);

    private sealed class Dial(PeerId peer) : IDisposable
    {
        private readonly CancellationTokenSource ended = new();

        public PeerId Peer { get; } = peer;

        public List<NetAddress> Targets { get; } = [];

        public List<DialAttempt> Failed { get; } = [];

        /// <summary>Addresses whose names are being looked up.</summary>
        public List<Multiaddress> Lookups { get; } = [];

        /// <summary>Ends the look-ups.</summary>
        public CancellationToken Ended => ended.Token;

        /// <summary>When they have taken too long.</summary>
        public IPlatformTimer? Timer { get; set; }

        /// <summary>Waits for no more names.</summary>
        public void Dispose()
        {
            Lookups.Clear(); // a look-up that is cancelled may say so within the call
            Timer?.Dispose();
            if (ended.IsCancellationRequested)
                return;

            ended.Cancel();
            ended.Dispose();
        }
    }
}

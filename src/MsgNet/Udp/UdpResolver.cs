using System.Net;
using MsgNet.Core;

namespace MsgNet;

/// <summary>Asks UDP addresses for the peer id of whoever is there, looking up names where need be. Under the gate.</summary>
internal sealed class UdpResolver(UdpEndpoints endpoints)
{
    private readonly HashSet<ResolveWaiter> waiting = [];
    private readonly List<ResolveWaiter> lookups = [];

    /// <summary>When a look-up has taken too long; questions have a time of their own.</summary>
    public Instant NextTimer
    {
        get
        {
            var next = Instant.Never;
            foreach (var waiter in lookups)
                next = Instant.Min(next, waiter.Deadline);
            return next;
        }
    }

    /// <summary>Ends the waits whose name is still being looked up at their deadline; what it brings later comes to nothing.</summary>
    public void OnTimer(Instant now) // API-096
    {
        for (var i = lookups.Count - 1; i >= 0; i--)
        {
            var waiter = lookups[i];
            if (now < waiter.Deadline)
                continue;

            lookups.RemoveAt(i);
            waiting.Remove(waiter);
            waiter.Fail(new TimeoutException(
                $"The name in {waiter.Address} was not looked up within {endpoints.Context.Options.DialTimeout.TotalSeconds:0.###} s; "
                + "check the name servers of this machine, or give an IP address."));
        }
    }

    /// <summary>Asks; the answer comes to the waiter that is returned. Nothing of it is authenticated.</summary>
    public ResolveWaiter Resolve(Instant now, Multiaddress address, CancellationToken cancellationToken)
    {
        var waiter = new ResolveWaiter(
            endpoints.Context.Platform.Scheduler, address, now + endpoints.Context.Options.DialTimeout);
        waiting.RemoveWhere(static known => known.IsEnded);
        waiting.Add(waiter);
        waiter.CancelWith(cancellationToken);
        waiter.Open = 1;
        if (address.TryGetUdpEndPoint(out var ip, out var port))
            Ask(now, waiter, ip, port);
        else if (address.TryGetDns(out var name, out _))
            LookUp(now, waiter, name);

        OnGone(waiter);
        return waiter;
    }

    /// <summary>An address answered.</summary>
    public void OnIdentified(in NodeEvent happened)
    {
        var waiter = (ResolveWaiter)happened.State!;
        waiter.Complete(happened.Peer);
        waiting.Remove(waiter);
        endpoints.Node.CancelAsk(waiter); // a name may stand for more addresses
    }

    /// <summary>An address did not answer in time.</summary>
    public void OnNotIdentified(in NodeEvent happened) => OnGone((ResolveWaiter)happened.State!);

    /// <summary>The endpoints close.</summary>
    public void Close()
    {
        foreach (var waiter in waiting)
            waiter.Fail(new ObjectDisposedException(nameof(IMessageNetwork), "The host was closed before the address answered."));

        waiting.Clear();
        lookups.Clear();
    }

    private void Ask(Instant now, ResolveWaiter waiter, IPAddress ip, int port)
    {
        try
        {
            if (endpoints.Node.TryAsk(now, NetAddress.From(ip, port, endpoints.PortFor(ip)), waiter, waiter.Deadline))
                waiter.Open++;
            else
                waiter.Failure = new MsgNetException($"{Limits.QuestionsMax} addresses are being asked already: wait for their answers.");
        }
        catch (MsgNetException error)
        {
            waiter.Failure = error;
        }
    }

    private void LookUp(Instant now, ResolveWaiter waiter, string name)
    {
        waiter.Open++;
        var lookup = new NameLookup(endpoints.Context.Platform, name, CancellationToken.None);
        if (lookup.IsCompleted)
            OnLookedUp(now, waiter, lookup);
        else
            WaitFor(waiter, lookup);
    }

    private void WaitFor(ResolveWaiter waiter, NameLookup lookup)
    {
        lookups.Add(waiter);
        lookup.OnCompleted(() => OnLookedUpLater(waiter, lookup));
    }

    private void OnLookedUpLater(ResolveWaiter waiter, NameLookup lookup)
    {
        using (endpoints.Context.Gate.Enter())
        {
            lookups.Remove(waiter);
            if (waiter.IsEnded)
            {
                lookup.Forget();
                return;
            }

            var now = endpoints.Now;
            OnLookedUp(now, waiter, lookup);
            endpoints.Pump();
        }
    }

    private void OnLookedUp(Instant now, ResolveWaiter waiter, NameLookup lookup)
    {
        try
        {
            var found = lookup.Take();
            var wanted = UdpAddress.Wanted(waiter.Address, found);
            if (wanted.Count == 0)
                waiter.Failure = new MsgNetException($"{waiter.Address} cannot be asked: {UdpAddress.NothingFound(found)}.");

            foreach (var ip in wanted)
            {
                if (waiter.Address.WithResolved(ip).TryGetUdpEndPoint(out _, out var port))
                    Ask(now, waiter, ip, port);
            }
        }
        catch (Exception error) when (error is System.Net.Sockets.SocketException or MsgNetException or ArgumentException)
        {
            waiter.Failure = new MsgNetException($"{waiter.Address} cannot be looked up: {error.Message}", error);
        }

        OnGone(waiter);
    }

    private void OnGone(ResolveWaiter waiter)
    {
        if (--waiter.Open > 0)
            return;

        waiter.Fail(waiter.Failure ?? new TimeoutException(
            $"Nobody at {waiter.Address} said who it is within {endpoints.Context.Options.DialTimeout.TotalSeconds:0.###} s; "
            + "check that it runs and answers (MsgNetOptions.AnswerWho, msgnet listen --answer-who), or get its peer id another way."));
        waiting.Remove(waiter);
    }
}

using System.Runtime.InteropServices;
using MsgNet.Core;

namespace MsgNet.Simulation.Tests.Attack;

/// <summary>
/// Sums the bytes that hosts of a whole simulation send to, and get from, every address that has not proven itself, and holds them to
/// three times: RETRY, HINT, IAM, ACK, DATA and challenges alike (SEC-081). It sees the network only and trusts no host's own account.
/// </summary>
/// <remarks>
/// An address is proven to a host once DATA or an ACK came from it and a host of the simulation had sent from there; made-up addresses
/// never are. A host is known by its IP address, since its NAT may change the port. What a host begins by itself, HELLO, EARLY and WHO, is
/// no answer where hosts live (10.0.0.0/8), and an answer everywhere else.
/// </remarks>
internal sealed class Ledger : IDatagramObserver
{
    private readonly Dictionary<(NetAddress Host, NetAddress Remote), Account> accounts = [];
    private readonly HashSet<NetAddress> inhabited = [];
    private readonly List<string> violations = [];

    public IReadOnlyList<string> Violations => violations;

    /// <summary>The largest share of the allowance that was used at an unproven address.</summary>
    public double Closest { get; private set; }

    /// <summary>Datagrams sent to unproven addresses.</summary>
    public long Watched { get; private set; }

    /// <summary>Addresses that were sent anything and never proved themselves.</summary>
    public int Unproven => accounts.Values.Count(account => account is { IsProven: false, Sent: > 0 });

    public void OnSent(in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram)
    {
        inhabited.Add(Bare(from));
        ref var account = ref AccountOf(from, to);
        if (account.IsProven || (IsOwnBeginning(datagram) && (byte)(to.Low >> 24) == 10))
            return;

        Watched++;
        account.Sent += datagram.Length;
        Closest = Math.Max(Closest, account.Sent / (3.0 * Math.Max(account.Received, 1)));
        if (account.Sent > 3 * account.Received && violations.Count < 10)
        {
            violations.Add(
                $"{Bare(from)} sent {account.Sent} B for {account.Received} B to unproven {Bare(to)}, "
                + $"the last a {ChannelHeader.Read(datagram)} of {datagram.Length} B");
        }
    }

    public void OnArrival(in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram)
    {
        ref var account = ref AccountOf(to, from);
        account.Received += datagram.Length;
        if (ChannelHeader.Read(datagram) is ChannelMessageType.Data or ChannelMessageType.Ack && inhabited.Contains(Bare(from)))
            account.IsProven = true;
    }

    private ref Account AccountOf(in NetAddress host, in NetAddress remote) =>
        ref CollectionsMarshal.GetValueRefOrAddDefault(accounts, (Bare(host) with { Port = 0 }, Bare(remote)), out _);

    private static bool IsOwnBeginning(ReadOnlySpan<byte> datagram) =>
        ChannelHeader.Read(datagram) is ChannelMessageType.Hello or ChannelMessageType.Early or ChannelMessageType.Who;

    private static NetAddress Bare(in NetAddress address) => address with { LocalPort = 0 };

    private struct Account
    {
        public long Received;
        public long Sent;
        public bool IsProven;
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace MsgNet.NetworkTests;

/// <summary>The box itself, with plain sockets: it does to packets what its settings say.</summary>
public sealed class BoxTests : IDisposable
{
    private const int Packets = 1000;
    private static readonly IPEndPoint Server = new(IPAddress.Parse("198.51.100.11"), 5000);

    private readonly InternetBox box = new(seed: 42);
    private readonly List<Socket> sockets = [];

    [NetnsFact("netns", "tun")]
    public void Delay_is_added_in_both_directions()
    {
        var (home, near, far) = Pair(null);
        box.SetFaults(home, new LinkFaults { Delay = TimeSpan.FromMilliseconds(20) });

        var start = Stopwatch.GetTimestamp();
        near.SendTo("ping"u8, Server);
        var (_, from) = Receive(far)!.Value;
        far.SendTo("pong"u8, from);

        Assert.NotNull(Receive(near));
        Assert.True(Stopwatch.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(40));
    }

    [NetnsFact("netns", "tun")]
    public void Losses_and_copies_are_as_many_as_it_counted()
    {
        var (home, near, far) = Pair(null);
        box.Do(() => home.Up.Faults = new LinkFaults { Loss = 0.1, Duplicate = 0.2 });

        SendMany(home, near);
        var arrived = CountArrived(far);

        Assert.Equal(Packets - home.Up.Lost + home.Up.Duplicated, arrived);
        Assert.InRange(home.Up.Lost, 70, 130);
        Assert.InRange(home.Up.Duplicated, 140, 220);
    }

    [NetnsFact("netns", "tun")]
    public void Jitter_lets_packets_overtake_each_other()
    {
        var (home, near, far) = Pair(null);
        box.Do(() => home.Up.Faults = new LinkFaults { Jitter = TimeSpan.FromMilliseconds(10) });

        for (var i = 0; i < 100; i++)
            near.SendTo([(byte)i], Server);
        var order = new List<byte>();
        while (order.Count < 100 && Receive(far) is { } received)
            order.Add(received.Data[0]);

        Assert.Equal(Enumerable.Range(0, 100).Select(i => (byte)i), order.Order());
        Assert.NotEqual(order.Order(), order);
        Assert.InRange(home.Up.Reordered, 1, 99);
    }

    [NetnsFact("netns", "tun")]
    public void What_is_damaged_arrives_all_the_same()
    {
        var (home, near, far) = Pair(null);
        box.Do(() => home.Up.Faults = new LinkFaults { Corrupt = 1 });

        near.SendTo(new byte[100], Server);

        Assert.Equal(1, Receive(far)!.Value.Data.Sum(value => System.Numerics.BitOperations.PopCount(value)));
    }

    [NetnsFact("netns", "tun")]
    public void Long_packets_vanish_silently()
    {
        var (home, near, far) = Pair(null);
        box.Do(() => home.Up.Faults = new LinkFaults { Mtu = 1300 });

        near.SendTo(new byte[1400], Server);
        near.SendTo(new byte[1272], Server);

        Assert.Equal(1272, Receive(far)!.Value.Data.Length);
        Assert.Equal((1, 1300), (home.Up.TooLong, home.Up.Longest));
    }

    [NetnsFact("netns", "tun")]
    public void A_slow_link_drops_what_its_queue_does_not_hold()
    {
        var (home, near, far) = Pair(null);
        box.Do(() => home.Up.Faults = new LinkFaults { BitsPerSecond = 8_000_000, QueueBytes = 20_000 });

        for (var i = 0; i < 300; i++)
            near.SendTo(new byte[1172], Server);
        WaitUntil(() => home.Up.Entered == 300);
        var arrived = CountArrived(far);

        Assert.Equal(300 - home.Up.Overflowed, arrived);
        Assert.InRange(arrived, 17, 250);
    }

    [NetnsFact("netns", "tun")]
    public void A_router_that_rebinds_gives_another_port_and_closes_the_old_one()
    {
        var router = box.AddRouter("198.51.100.1", NatOptions.HomeRouter);
        var (home, near, far) = Pair(router);

        near.SendTo("one"u8, Server);
        var (_, before) = Receive(far)!.Value;
        box.Do(router.Rebind);
        near.SendTo("two"u8, Server);
        var (_, after) = Receive(far)!.Value;
        far.SendTo("to the old port"u8, before);
        far.SendTo("to the new port"u8, after);

        Assert.Equal("198.51.100.1", before.Address.ToString());
        Assert.Equal(((IPEndPoint)near.LocalEndPoint!).Port, before.Port);
        Assert.NotEqual(before.Port, after.Port);
        Assert.Equal("to the new port"u8, Receive(near)!.Value.Data);
        Assert.Equal(1, box.Read(() => router.Refused));
    }

    [NetnsFact("netns", "tun")]
    public void Nothing_passes_while_the_cable_is_out()
    {
        var (home, near, far) = Pair(null);
        box.Do(() => home.IsUnplugged = true);
        near.SendTo("lost"u8, Server);
        near.SendTo("lost"u8, Server);
        Assert.Null(Receive(far));

        box.Do(() => home.IsUnplugged = false);
        near.SendTo("there"u8, Server);

        Assert.Equal("there"u8, Receive(far)!.Value.Data);
    }

    public void Dispose()
    {
        sockets.ForEach(socket => socket.Dispose());
        box.Dispose();
    }

    private (BoxHost Home, Socket Near, Socket Far) Pair(Nat? router)
    {
        var server = box.AddHost("server", $"{Server.Address}");
        var home = box.AddHost("home", router, "10.1.0.2");
        box.Start();
        var (near, far) = (home.Space.Bind("10.1.0.2", 6000), server.Space.Bind($"{Server.Address}", Server.Port));
        sockets.AddRange([near, far]);
        return (home, near, far);
    }

    // Never more on their way than the kernel's queue of the interface holds.
    private void SendMany(BoxHost from, Socket socket)
    {
        for (var sent = 1; sent <= Packets; sent++)
        {
            socket.SendTo([0], Server);
            if (sent % 100 == 0)
                WaitUntil(() => from.Up.Entered == sent);
        }
    }

    private void WaitUntil(Func<bool> condition)
    {
        var start = Stopwatch.GetTimestamp();
        while (!box.Read(condition))
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30), "The box has not seen what was sent.");
            Thread.Yield();
        }
    }

    private static int CountArrived(Socket socket)
    {
        var count = 0;
        while (Receive(socket) is not null)
            count++;
        return count;
    }

    private static (byte[] Data, IPEndPoint From)? Receive(Socket socket)
    {
        socket.ReceiveTimeout = 500;
        var buffer = new byte[2000];
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        try
        {
            var length = socket.ReceiveFrom(buffer, ref from);
            return (buffer[..length], (IPEndPoint)from);
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
        {
            return null;
        }
    }
}

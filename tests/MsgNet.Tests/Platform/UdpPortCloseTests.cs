using System.Net;
using MsgNet.Platform;

namespace MsgNet.Tests.Platform;

public class UdpPortCloseTests
{
    [SkippableTheory]
    [PortWays]
    public void Closing_wakes_the_receive_thread_and_joins_it(PortWay way)
    {
        var port = way.Open(IPAddress.Any, 0, 0);
        var number = port.Local.Port;
        port.Start(new DatagramCollector());

        port.Dispose();
        port.Dispose();

        // Only a socket that is really closed frees its port.
        using var again = way.Open(IPAddress.Any, number, 0);
        Assert.Equal(number, again.Local.Port);
    }

    [SkippableTheory]
    [PortWays]
    public void Closing_a_port_that_never_started_frees_it(PortWay way)
    {
        var port = way.Open(IPAddress.Loopback, 0, 0);
        port.Dispose();
        using var again = way.Open(IPAddress.Loopback, port.Local.Port, 0);
        Assert.Throws<ObjectDisposedException>(() => port.Start(new DatagramCollector()));
    }

    [SkippableTheory]
    [PortWays]
    public void Nothing_is_handed_over_after_closing_under_traffic(PortWay way)
    {
        using var sender = way.Open(IPAddress.Loopback, 0, 0);
        for (var round = 0; round < 20; round++)
        {
            var closed = false;
            var lateDatagrams = 0;
            using var some = new ManualResetEventSlim();
            var port = way.Open(IPAddress.Loopback, 0, 1);
            port.Start(new DelegateReceiver(_ =>
            {
                if (Volatile.Read(ref closed))
                    Interlocked.Increment(ref lateDatagrams);
                some.Set();
            }));

            var stop = false;
            var traffic = new Thread(() =>
            {
                while (!Volatile.Read(ref stop))
                    sender.Send(port.Local, "traffic"u8);
            });
            traffic.Start();
            Assert.True(some.Wait(TimeSpan.FromSeconds(10)));
            port.Dispose();
            Volatile.Write(ref closed, true);
            sender.Send(port.Local, "late"u8);
            Volatile.Write(ref stop, true);
            traffic.Join();
            Assert.Equal(0, lateDatagrams);
        }
    }

    [SkippableTheory]
    [PortWays]
    public void A_receiver_may_close_its_own_port(PortWay way)
    {
        var port = way.Open(IPAddress.Loopback, 0, 1);
        using var done = new ManualResetEventSlim();
        var calls = 0;
        port.Start(new CallReceiver(() =>
        {
            Interlocked.Increment(ref calls);
            port.Dispose();
            done.Set();
        }));

        using var sender = way.Open(IPAddress.Loopback, 0, 0);
        for (var i = 0; i < 10; i++)
            sender.Send(port.Local, "close"u8);
        Assert.True(done.Wait(TimeSpan.FromSeconds(10)));
        Assert.Equal(1, calls);
        port.Send(sender.Local, "after the end"u8);
    }
}

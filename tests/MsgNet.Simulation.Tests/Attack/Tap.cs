using MsgNet.Core;

namespace MsgNet.Simulation.Tests.Attack;

/// <summary>Several observers in the place of one.</summary>
internal sealed class Tap(params IDatagramObserver[] observers) : IDatagramObserver
{
    public void OnSent(in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram)
    {
        foreach (var observer in observers)
            observer.OnSent(from, to, datagram);
    }

    public void OnArrival(in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram)
    {
        foreach (var observer in observers)
            observer.OnArrival(from, to, datagram);
    }
}

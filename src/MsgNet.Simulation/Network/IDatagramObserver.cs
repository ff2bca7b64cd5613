using MsgNet.Core;

namespace MsgNet.Simulation;

/// <summary>Sees every datagram of a network, as whoever sits on every path would. It may inject datagrams, and nothing else.</summary>
internal interface IDatagramObserver
{
    /// <summary>A host sent a datagram, whatever becomes of it.</summary>
    /// <param name="from">Its source as others see it.</param>
    /// <param name="to">Its destination.</param>
    /// <param name="datagram">The UDP payload; borrowed for the call.</param>
    void OnSent(in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram);

    /// <summary>A datagram, sent by a host or injected, is about to be handed to the port it is for.</summary>
    /// <param name="from">Its source as others see it.</param>
    /// <param name="to">Its destination.</param>
    /// <param name="datagram">The UDP payload; borrowed for the call.</param>
    void OnArrival(in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram);
}

namespace MsgNet.Simulation;

/// <summary>What became of a datagram. The numbers are part of the trace hash.</summary>
internal enum DatagramFate
{
    Delivered = 0,
    Lost = 1,
    LostInBurst = 2,
    QueueFull = 3,
    TooLarge = 4,
    Partitioned = 5,
    NoReceiver = 6,
}

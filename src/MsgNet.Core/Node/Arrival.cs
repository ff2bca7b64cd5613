namespace MsgNet.Core;

/// <summary>Where a packet that opened came from, and how many bytes of UDP payload it had.</summary>
internal readonly record struct Arrival(NetAddress From, int Bytes);

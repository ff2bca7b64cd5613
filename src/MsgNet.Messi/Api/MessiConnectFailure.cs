namespace MsgNet.Messi;

/// <summary>An attempt of a client to connect that failed.</summary>
/// <param name="Exception">What went wrong.</param>
/// <param name="Attempts">Attempts that failed in a row, this one included; at least 1.</param>
/// <param name="Delay">After which time the client would try again by itself.</param>
public readonly record struct MessiConnectFailure(Exception Exception, int Attempts, TimeSpan Delay);

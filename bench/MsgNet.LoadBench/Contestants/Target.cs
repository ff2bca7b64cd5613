namespace MsgNet.LoadBench.Contestants;

/// <summary>Where a listener is: a port of 127.0.0.1, which a relay may stand in for.</summary>
/// <param name="Port">The port.</param>
/// <param name="Credential">What a caller has to know besides: a peer id, a public key; empty when there is nothing.</param>
internal sealed record Target(int Port, string Credential);

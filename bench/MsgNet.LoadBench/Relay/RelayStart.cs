namespace MsgNet.LoadBench.Relay;

/// <summary>What a relay is started with.</summary>
/// <param name="Link">What it does to datagrams.</param>
/// <param name="TargetPort">Where the listener is.</param>
/// <param name="Seed">Of what is lost.</param>
internal sealed record RelayStart(LinkSettings Link, int TargetPort, int Seed);

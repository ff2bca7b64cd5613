namespace MsgNet.Messi.Tests;

/// <summary>Tests that measure the process: none runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = nameof(Alone);
}

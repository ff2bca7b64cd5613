namespace MsgNet.Tests;

/// <summary>Tests that measure the whole process run alone, after all others: what those allocate would be counted too.</summary>
[CollectionDefinition(nameof(WholeProcess), DisableParallelization = true)]
public sealed class WholeProcess;

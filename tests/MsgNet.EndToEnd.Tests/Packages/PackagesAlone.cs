namespace MsgNet.EndToEnd.Packages;

/// <summary>Tests that build run one by one after the others: beside them, tests that measure time would measure the compiler.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class PackagesAlone : ICollectionFixture<PackageFeed>
{
    public const string Name = "packages";
}

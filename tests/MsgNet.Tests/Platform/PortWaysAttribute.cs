using System.Reflection;
using Xunit.Sdk;

namespace MsgNet.Tests.Platform;

/// <summary>Runs a theory over all ways in which a port's datagrams move.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PortWaysAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[PortWay.Linux], [PortWay.Portable]];
}

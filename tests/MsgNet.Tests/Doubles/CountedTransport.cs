using System.Reflection;
using MsgNet.Core;

namespace MsgNet.Tests;

/// <summary>A transport that carries nothing and counts what its carrier is asked to do.</summary>
internal sealed class CountedTransport(object channels) : ICarrierTransport
{
    private readonly Dictionary<string, int> calls = [];

    public string Name => "counted";

    public TransportGuarantees Guarantees { get; } = new(Delivery.Unreliable, true, true, 1, 1);

    public object Channels => channels;

    public int CallsOf(string member) => calls.GetValueOrDefault(member);

    public bool CanDial(Multiaddress address) => false;

    public bool CanListen(Multiaddress address) => false;

    public ISessionedSocket Open() => OpenCarrier();

    public ICarrier OpenCarrier()
    {
        var carrier = DispatchProxy.Create<ICarrier, Counting>();
        ((Counting)(object)carrier).Calls = calls;
        return carrier;
    }

#pragma warning disable CA1852 // The proxy is a class that derives from it.
    private class Counting : DispatchProxy
#pragma warning restore CA1852
    {
        public Dictionary<string, int> Calls { get; set; } = [];

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Calls[targetMethod!.Name] = Calls.GetValueOrDefault(targetMethod.Name) + 1;
            var result = targetMethod.ReturnType;
            return result.IsValueType && result != typeof(void) ? Activator.CreateInstance(result) : null;
        }
    }
}

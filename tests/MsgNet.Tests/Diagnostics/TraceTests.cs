using System.Collections.Concurrent;
using System.Diagnostics;
using MsgNet.Testing;

namespace MsgNet.Tests.Diagnostics;

public sealed class TraceTests : IDisposable
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(20);
    private readonly ProtocolId protocol = $"/trace/{Guid.NewGuid():N}";
    private readonly ConcurrentQueue<Activity> stopped = [];
    private readonly ActivityListener listener;
    private readonly ActivitySource outside = new("MsgNet.Tests.Outside");

    public TraceTests()
    {
        listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is MsgNetDiagnostics.ActivitySourceName or "MsgNet.Tests.Outside",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                // Other tests run at the same time.
                if (activity.OperationName.EndsWith(protocol.Name, StringComparison.Ordinal))
                    stopped.Enqueue(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);
    }

    [Fact]
    [Covers("API-156")]
    [Covers("API-157")]
    public async Task A_request_is_a_client_span_and_its_handler_a_consumer_span()
    {
        await using var server = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        await using var client = await MessageHost.Start();
        client.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);
        Activity? inHandler = null;
        server.SetMessageHandler(protocol, async message =>
        {
            await Task.Yield();
            inHandler = Activity.Current;
            await message.Reply("yes"u8.ToArray());
        });
        using var caller = outside.StartActivity("caller")!;
        var asking = client.Request(server.Id, protocol, "abc"u8.ToArray());
        Assert.Same(caller, Activity.Current);
        await asking.AsTask().WaitAsync(Guard);
        Assert.Same(caller, Activity.Current);
        await server.DisposeAsync();

        var request = Assert.Single(stopped, activity => activity.Kind == ActivityKind.Client);
        Assert.Equal($"request {protocol}", request.OperationName);
        Assert.Equal(caller.SpanId, request.ParentSpanId);
        Assert.Equal("msgnet", request.GetTagItem("messaging.system"));
        Assert.Equal(protocol.Name, request.GetTagItem("messaging.destination.name"));
        Assert.Equal("request", request.GetTagItem("messaging.operation.name"));
        Assert.Equal(3, request.GetTagItem("messaging.message.body.size"));
        Assert.Equal(server.Id.ToString(), request.GetTagItem("msgnet.peer.id"));

        var process = Assert.Single(stopped, activity => activity.Kind == ActivityKind.Consumer);
        Assert.Same(process, inHandler);
        Assert.Null(process.Parent);
        Assert.NotEqual(caller.TraceId, process.TraceId);
        Assert.Equal(ActivityStatusCode.Unset, process.Status);
    }

    [Fact]
    [Covers("API-157")]
    public void What_a_handler_throws_stands_in_its_span()
    {
        using var meter = new System.Diagnostics.Metrics.Meter("trace");
        var diagnostics = new ProtocolDiagnostics(new FakePlatform(), new MsgNetMeter(meter), protocol.Name);
        using var around = outside.StartActivity("what the receiving thread happens to be in")!;
        var observation = diagnostics.Begin(diagnostics.Process, HandlerRig.Alice, 1);
        Assert.NotSame(around, Activity.Current);
        observation.Leave();
        Assert.Same(around, Activity.Current);
        observation.End(new InvalidOperationException("on purpose"));
        Assert.Same(around, Activity.Current);
        var span = Assert.Single(stopped);
        Assert.Equal(default, span.ParentSpanId);
        Assert.Equal((ActivityStatusCode.Error, "on purpose"), (span.Status, span.StatusDescription));
        Assert.Equal(typeof(InvalidOperationException).FullName, span.GetTagItem("error.type"));
    }

    [Fact]
    [Covers("API-156")]
    public async Task A_send_is_a_producer_span_also_when_it_fails()
    {
        await using var client = await MessageHost.Start();
        await Assert.ThrowsAsync<PeerUnreachableException>(
            () => client.SendMessage(HandlerRig.Alice, protocol, "x"u8.ToArray()).AsTask().WaitAsync(Guard));
        var span = Assert.Single(stopped);
        Assert.Equal((ActivityKind.Producer, $"send {protocol}"), (span.Kind, span.OperationName));
        Assert.Equal(ActivityStatusCode.Error, span.Status);
    }

    [Fact]
    [Covers("API-156")]
    public async Task Several_messages_of_one_call_are_one_span()
    {
        var platform = MemoryHosts.ManualPair(out var a, out var b);
        using var meter = new System.Diagnostics.Metrics.Meter("batch");
        var diagnostics = new ProtocolDiagnostics(new FakePlatform(), new MsgNetMeter(meter), protocol.Name);
        var session = (ICarrierSession)a.OpenSession(b.Id, protocol, SendOptions.Ordered);
        var sends = new SendQueue(session, diagnostics, new Gate(), platform.Scheduler);

        await sends.Send(new ReadOnlyMemory<byte>[] { new byte[3], new byte[4] }, waitForDelivery: false, CancellationToken.None);
        var span = Assert.Single(stopped);
        Assert.Equal(7, span.GetTagItem("messaging.message.body.size"));
        Assert.Equal(2, span.GetTagItem("messaging.batch.message_count"));
    }

    public void Dispose()
    {
        listener.Dispose();
        outside.Dispose();
    }
}

using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Tests.Streams;

/// <summary>Calls of stream handlers: how many, which, and what is said when they fail.</summary>
public sealed class StreamQueueTests
{
    private readonly HandlerRig rig = new();
    private readonly List<(FakeLane Lane, TaskCompletionSource End)> calls = [];
    private readonly List<CancellationToken> tokens = [];
    private readonly List<FakeLane> lanes = [];

    [Fact]
    [Covers("API-179")]
    public void So_many_calls_at_once_and_the_others_wait_in_line()
    {
        rig.Table.SetStreamHandler(HandlerRig.Chat, Hold);
        for (var i = 0; i < Limits.StreamHandlersMax + 3; i++)
            Assert.True(Offer());
        rig.Run();
        Assert.Equal(Limits.StreamHandlersMax, calls.Count);

        // The first in line is lost before its turn.
        using (rig.Gate.Enter())
            lanes[Limits.StreamHandlersMax].Stream.OnEnded(new SessionLostException(HandlerRig.Bob, PeerLoss.TimedOut, true));
        calls[7].End.SetResult();
        calls[5].End.SetResult();
        rig.Run();
        Assert.Equal(Limits.StreamHandlersMax + 2, calls.Count);
        Assert.Equal(lanes[^2..], calls[^2..].Select(call => call.Lane));
        Assert.True(calls[7].Lane.IsCompleted);
        Assert.False(calls[6].Lane.IsCompleted);
    }

    [Fact]
    [Covers("API-180")]
    public void A_throw_is_logged_counted_and_aborts()
    {
        rig.Table.SetStreamHandler(HandlerRig.Chat, Hold);
        Offer();
        rig.Run();
        calls[0].End.SetException(new FormatException());
        rig.Run();
        Assert.True(calls[0].Lane.IsAborted);
        Assert.False(calls[0].Lane.IsCompleted);
        Assert.Equal(1, rig.Table.Counters.Failed);
        Assert.Equal(1, rig.Logger.CountOf(1000));
        Assert.IsType<FormatException>(rig.Logger.Entries[0].Exception);
    }

    [Fact]
    [Covers("API-182")]
    public void A_new_handler_gets_new_streams_and_those_that_wait()
    {
        rig.Table.SetStreamHandler(HandlerRig.Chat, Hold);
        for (var i = 0; i < Limits.StreamHandlersMax + 1; i++)
            Offer();
        rig.Run();
        var taken = new List<Stream>();
        rig.Table.SetStreamHandler(HandlerRig.Chat, (stream, _, _) =>
        {
            taken.Add(stream);
            return ValueTask.CompletedTask;
        });
        calls[0].End.SetResult();
        rig.Run();
        Assert.Equal([lanes[^1].Stream], taken);
        Assert.Equal(Limits.StreamHandlersMax, calls.Count);
    }

    [Fact]
    [Covers("API-182")]
    public void Streams_that_wait_for_a_removed_handler_are_aborted()
    {
        rig.Table.SetStreamHandler(HandlerRig.Chat, Hold);
        for (var i = 0; i < Limits.StreamHandlersMax + 1; i++)
            Offer();
        rig.Run();
        Assert.True(rig.Table.RemoveStreamHandler(HandlerRig.Chat));
        rig.Run();
        Assert.False(Offer());
        Assert.True(lanes[^2].IsAborted);
        Assert.All(calls, call => Assert.False(call.Lane.IsAborted));
        Assert.All(tokens, token => Assert.False(token.IsCancellationRequested));
    }

    [Fact]
    [Covers("API-181")]
    public void The_end_of_the_host_cancels_calls_under_way_and_waits_for_them()
    {
        rig.Table.SetStreamHandler(HandlerRig.Chat, Hold);
        Offer();
        Offer();
        rig.Run();
        var drained = rig.Table.Drain(CancellationToken.None).AsTask();
        calls[0].End.SetResult();
        rig.Run();
        Assert.False(drained.IsCompleted);
        rig.Table.Close();
        rig.Run();
        Assert.All(tokens[1..], token => Assert.True(token.IsCancellationRequested));
        Assert.False(tokens[0].IsCancellationRequested);
        calls[1].End.SetCanceled(tokens[1]);
        rig.Run();
        Assert.True(drained.IsCompletedSuccessfully);
        Assert.Equal(0, rig.Table.Counters.Failed);
    }

    private bool Offer()
    {
        using (rig.Gate.Enter())
        {
            var lane = new FakeLane(rig.Gate, rig.Platform.Manual, HandlerRig.Bob, HandlerRig.Chat);
            lanes.Add(lane);
            return rig.Table.OnStream(lane.Stream);
        }
    }

    private ValueTask Hold(Stream stream, PeerId from, CancellationToken cancellationToken)
    {
        Assert.Equal(HandlerRig.Bob, from);
        var end = new TaskCompletionSource();
        calls.Add((lanes.Single(lane => lane.Stream == stream), end));
        tokens.Add(cancellationToken);
        return new ValueTask(end.Task);
    }
}

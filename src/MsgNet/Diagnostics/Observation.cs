using System.Diagnostics;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>One send, request or handler call while somebody listens; the default does nothing.</summary>
internal readonly struct Observation
{
    private readonly Operation? operation;
    private readonly IHostPlatform platform;
    private readonly Instant start;
    private readonly Activity? activity;
    private readonly Activity? outer;

    public Observation(Operation operation, IHostPlatform platform, PeerId peer, int size)
    {
        this.operation = operation;
        this.platform = platform;
        start = platform.Now;
        outer = Activity.Current;

        // The wire has no place for a sender's context, and what the receiving thread happens to be in is none.
        if (operation.Kind == ActivityKind.Consumer)
            Activity.Current = null; // API-157
        activity = MsgNetDiagnostics.Source.StartActivity(operation.SpanName, operation.Kind);
        if (activity is { IsAllDataRequested: true })
            Describe(activity, operation, peer, size);
    }

    /// <summary>It is of so many messages.</summary>
    public void DescribeBatch(int count) => activity?.SetTag(Tags.BatchCount, count);

    /// <summary>Ends the caller's part: what it does next is no part of this.</summary>
    public void Leave()
    {
        if (operation is not null)
            Activity.Current = outer;
    }

    /// <summary>Ends it; null is success. Once, on any thread.</summary>
    public void End(Exception? error)
    {
        if (operation is null)
            return;

        var errorType = error?.GetType().FullName;
        if (operation.Duration!.Enabled)
            Record(operation, (platform.Now - start).TotalSeconds, errorType);
        if (activity is not null)
            Stop(activity, error, errorType);
    }

    /// <summary>Ends with a send that may have ended already.</summary>
    public ValueTask EndWith(ValueTask sending)
    {
        if (operation is null)
            return sending;
        if (!sending.IsCompletedSuccessfully)
            return Await(sending, this);

        End(null);
        return sending;
    }

    private static async ValueTask Await(ValueTask sending, Observation observation)
    {
        try
        {
            await sending.ConfigureAwait(false);
        }
        catch (Exception error)
        {
            observation.End(error);
            throw;
        }

        observation.End(null);
    }

    private static void Describe(Activity activity, Operation operation, PeerId peer, int size)
    {
        foreach (var tag in operation.Tags)
            activity.SetTag(tag.Key, tag.Value);
        activity.SetTag(Tags.OperationType, operation.Type);
        activity.SetTag(Tags.BodySize, size);
        activity.SetTag(Tags.Peer, peer.ToString());
    }

    private static void Record(Operation operation, double seconds, string? errorType)
    {
        if (errorType is null)
        {
            operation.Duration!.Record(seconds, operation.Tags);
            return;
        }

        var tags = operation.Tags;
        tags.Add(Tags.ErrorType, errorType);
        operation.Duration!.Record(seconds, tags);
    }

    // Stopping sets the current activity to the one before, which is none of this thread's business.
    private static void Stop(Activity activity, Exception? error, string? errorType)
    {
        var current = Activity.Current == activity ? activity.Parent : Activity.Current;
        if (error is not null)
        {
            activity.SetTag(Tags.ErrorType, errorType);
            activity.SetStatus(ActivityStatusCode.Error, error.Message);
        }

        activity.Stop();
        Activity.Current = current;
    }
}

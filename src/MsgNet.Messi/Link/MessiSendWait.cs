using System.Threading.Tasks.Sources;
using Google.Protobuf;

namespace MsgNet.Messi;

/// <summary>A send that waits for room in the queue of a connection.</summary>
internal sealed class MessiSendWait : IValueTaskSource
{
    // The continuation is code of users; it must not hold up the flush that made the room.
    private ManualResetValueTaskSourceCore<bool> core = new() { RunContinuationsAsynchronously = true };
    private readonly MessiOutput output;
    private CancellationTokenRegistration registration;
    private CancellationToken cancellation;

    public MessiSendWait(MessiOutput output)
    {
        this.output = output;
        Node = new LinkedListNode<MessiSendWait>(this);
    }

    /// <summary>Its place among those that wait.</summary>
    public LinkedListNode<MessiSendWait> Node { get; }

    /// <summary>The member's field number.</summary>
    public int Field { get; private set; }

    /// <summary>The member; encoded when there is room.</summary>
    public IMessage Message { get; private set; } = null!;

    public ValueTask Task => new(this, core.Version);

    public void Set(int field, IMessage message)
    {
        core.Reset();
        Field = field;
        Message = message;
        registration = default;
        cancellation = default;
    }

    /// <summary>To be called once, not under the output's lock: a cancelled token calls back at once.</summary>
    public void Watch(CancellationToken cancellationToken)
    {
        cancellation = cancellationToken;
        registration = cancellationToken.UnsafeRegister(static wait => ((MessiSendWait)wait!).Cancel(), this);
    }

    /// <summary>The message is in the queue, or will never be. Called once, by whoever took the wait out of the output's list.</summary>
    public void Complete(Exception? exception)
    {
        if (exception is null)
            core.SetResult(true);
        else
            core.SetException(exception);
    }

    public void GetResult(short token)
    {
        try
        {
            core.GetResult(token);
        }
        finally
        {
            registration.Dispose();
            Message = null!;
            output.Recycle(this);
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => core.OnCompleted(continuation, state, token, flags);

    private void Cancel()
    {
        if (output.TryRemove(this))
            core.SetException(new OperationCanceledException(cancellation));
    }
}

using MsgNet.Core;
using MsgNet.Messi.Tests.Proto;

namespace MsgNet.Messi.Tests;

/// <summary>Callers on a thread that is theirs alone, such as that of a user interface: nothing of the library needs it to go on.</summary>
public sealed class ContextTests
{
    [Fact]
    public void Whoever_blocks_in_a_context_that_runs_nothing_is_not_waited_for()
    {
        var context = new Stuck();
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            var server = new ChatServer("tcp://127.0.0.1:0")
            {
                OnConnectReq = static (connection, _, cancellationToken) => connection.Reply(new ConnectRsp(), cancellationToken),
            };
            Wait(server.Start().AsTask());
            var client = new ChatClient(server.Address!);
            client.Start();
            Wait(client.WaitForConnection().AsTask());
            Wait(client.Connect(new ConnectReq()).AsTask());
            Wait(client.DisposeAsync().AsTask());
            Wait(server.DisposeAsync().AsTask());
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }

        Assert.Equal(0, context.Posts);
    }

    [Fact]
    public void A_write_that_takes_time_goes_on_elsewhere()
    {
        var context = new Stuck();
        var before = SynchronizationContext.Current;
        var stream = new HandStream();
        var output = new MessiOutput(stream, MessiRole.Client, MessiWireFormat.Documented, 1 << 20, 1 << 20, new Owner());
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            Assert.True(output.TrySend(2, new MessageInd()));
            Assert.True(output.TrySend(2, new MessageInd { Text = "x" }));
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }

        stream.CompleteWrite();
        Assert.Equal(13, stream.Writing);
        stream.CompleteWrite();
        Assert.Equal(0, output.Waiting);
    }

    private static void Wait(Task task) => Assert.True(task.Wait(RawPeer.Patience));

    /// <summary>A context whose thread has no time.</summary>
    private sealed class Stuck : SynchronizationContext
    {
        private int posts;

        public int Posts => Volatile.Read(ref posts);

        public override void Post(SendOrPostCallback d, object? state) => Interlocked.Increment(ref posts);
    }

    private sealed class Owner : IMessiOutputOwner
    {
        public void OnControlsSent()
        {
        }

        public void OnSent(long messages, long bytes)
        {
        }

        public void OnWriteFailed(Exception exception, bool wasControl) => throw exception;
    }
}

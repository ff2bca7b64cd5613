using System.IO.Pipelines;

namespace MsgNet;

/// <summary>A connection as a pipe. Each end has a stream of its own, so that either can be completed by itself.</summary>
internal sealed class MspPipe : IDuplexPipe
{
    private readonly MspSocket socket;
    private int open = 2;

    public MspPipe(MspSocket socket)
    {
        this.socket = socket;
        Input = PipeReader.Create(new MspStream(socket, EndOne));
        Output = PipeWriter.Create(new MspStream(socket, EndOutput));
    }

    /// <inheritdoc/>
    public PipeReader Input { get; }

    /// <inheritdoc/>
    public PipeWriter Output { get; }

    // MSP-164
    private void EndOutput()
    {
        socket.Shutdown();
        EndOne();
    }

    private void EndOne()
    {
        if (Interlocked.Decrement(ref open) == 0)
            socket.Dispose();
    }
}

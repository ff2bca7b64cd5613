using System.Runtime.CompilerServices;
using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// A connection in a stream to a peer. Under the gate; what a stream takes its time for comes back by <see cref="MspLanes.OnProgress"/> and
/// is looked at in <see cref="Advance"/>.
/// </summary>
internal sealed class MspLaneLink : IMspLink
{
    private readonly MspLanes carrier;
    private readonly MspLaneInput input;
    private readonly MspLaneOutput output = new();
    private readonly Completion? handling;
    private readonly Action onProgress;
    private ConfiguredValueTaskAwaitable<Stream>.ConfiguredValueTaskAwaiter opening;
    private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter reading;
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter writing;
    private LaneStream? stream;
    private MspStates states;
    private bool isOpening;
    private bool isReading;
    private bool isWriting;
    private bool isReadEnded;
    private bool isWriteEnded;

    /// <summary>A connection to open.</summary>
    public MspLaneLink(MspLanes carrier, Multiaddress local, Multiaddress remote)
    {
        this.carrier = carrier;
        input = new MspLaneInput(carrier.MessageSizeMax);
        onProgress = () => carrier.OnProgress(this);
        Local = local;
        Remote = remote;
    }

    /// <summary>A connection that a peer opened.</summary>
    public MspLaneLink(MspLanes carrier, Multiaddress local, Multiaddress remote, LaneStream stream)
        : this(carrier, local, remote)
    {
        states = MspStates.ReceivedPacket;
        handling = new Completion(carrier.Platform.Scheduler);
        output.TryAdd([]); // MSP-183
        Attach(stream);
    }

    /// <inheritdoc/>
    public MspStates States => states | (IsOver || IsShutdown || !output.HasRoom ? 0 : MspStates.DataOut);

    /// <inheritdoc/>
    public bool HasQueued => !IsOver && (output.HasWaiting || isWriting || (isWriteEnded && !stream!.IsWriteEnded));

    /// <inheritdoc/>
    public Multiaddress Local { get; }

    /// <inheritdoc/>
    public Multiaddress Remote { get; }

    /// <inheritdoc/>
    public string? Failure { get; private set; }

    /// <summary>Ends when the stream may be given back to its handler's caller.</summary>
    public Task Handling => handling!.Task;

    /// <summary>The socket that is told.</summary>
    public MspSocket? Socket { get; set; }

    /// <summary>It waits to be advanced; written by the carrier.</summary>
    public bool IsQueued { get; set; }

    private bool IsOver => (states & MspStates.Closed) != 0;

    private bool IsShutdown => (states & MspStates.ShutdownLocal) != 0;

    /// <inheritdoc/>
    public bool TrySend(Instant now, ReadOnlySpan<byte> message)
    {
        if (IsOver || !output.TryAdd(message))
            return false;

        carrier.Enqueue(this);
        return true;
    }

    /// <inheritdoc/>
    public bool TryPeek(out ReadOnlySpan<byte> message)
    {
        message = IsOver || !input.HasMessage ? default : input.Message;
        return !message.IsEmpty;
    }

    /// <inheritdoc/>
    public void Consume(Instant now, int bytes)
    {
        if (IsOver)
            return;

        input.Consume(bytes);
        if (!input.HasMessage)
            carrier.Enqueue(this);
    }

    /// <inheritdoc/>
    public void Shutdown(Instant now)
    {
        states |= MspStates.ShutdownLocal;
        carrier.Enqueue(this);
    }

    /// <inheritdoc/>
    public void Stop(Instant now)
    {
        if (IsOver)
            return;

        End(MspStates.Stopped, null);
        stream?.Abort();
    }

    /// <inheritdoc/>
    public void Abandon(Instant now)
    {
        End(0, null);
        Socket = null;
        stream?.Abort(); // MSP-136; nothing happens to one that has ended
        stream?.Dispose();
        handling?.End(null);
    }

    /// <summary>Goes as far as it can without waiting, and tells the socket.</summary>
    public void Advance()
    {
        if (IsOver)
        {
            DropLate();
            return;
        }

        if (!TryOpen())
            return;

        try
        {
            Write();
            Read();
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // Its end says why.
        }

        if (input.IsBroken || (isReadEnded && input.IsCutShort))
        {
            End(MspStates.Error, "what the peer sent is no MSP");
            stream!.Abort();
        }
        else
        {
            NoteEnds();
        }

        Socket?.OnChanged();
    }

    private bool TryOpen()
    {
        if (stream is not null)
            return true;

        try
        {
            if (!isOpening)
            {
                opening = carrier.Open(Remote).ConfigureAwait(false).GetAwaiter();
                isOpening = true;
                if (!opening.IsCompleted)
                    opening.UnsafeOnCompleted(onProgress);
            }

            if (!opening.IsCompleted)
                return false;

            Attach((LaneStream)opening.GetResult());
            return true;
        }
        catch (Exception error) when (error is MsgNetException or ObjectDisposedException)
        {
            End(MspStates.Error, Reason(error));
            Socket?.OnChanged();
            return false;
        }
    }

    // Given up while its stream was being opened.
    private void DropLate()
    {
        if (!isOpening || stream is not null || !opening.IsCompleted)
            return;

        isOpening = false;
        try
        {
            opening.GetResult().Dispose();
        }
        catch (MsgNetException)
        {
            // Nobody wants to know any more.
        }
    }

    private void Attach(LaneStream opened)
    {
        stream = opened;
        opened.Completion.ContinueWith(
            static (_, link) => ((MspLaneLink)link!).onProgress(),
            this,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private void Write()
    {
        while (true)
        {
            if (isWriting && !writing.IsCompleted)
                return;
            if (isWriting)
            {
                isWriting = false;
                writing.GetResult();
            }

            if (!output.HasWaiting)
                break;

            writing = stream!.WriteAsync(output.Take()).ConfigureAwait(false).GetAwaiter();
            isWriting = true;
            if (!writing.IsCompleted)
                writing.UnsafeOnCompleted(onProgress);
        }

        if (!IsShutdown || isWriteEnded)
            return;

        isWriteEnded = true;
        stream!.CompleteWrites();
    }

    // While a message waits nothing more is read: that is what slows the peer down.
    private void Read()
    {
        while (!isReadEnded && !input.HasMessage && !input.IsBroken)
        {
            if (!isReading)
            {
                reading = stream!.ReadAsync(input.Space()).ConfigureAwait(false).GetAwaiter();
                isReading = true;
                if (!reading.IsCompleted)
                    reading.UnsafeOnCompleted(onProgress);
            }

            if (!reading.IsCompleted)
                return;

            isReading = false;
            var count = reading.GetResult();
            isReadEnded = count == 0;
            input.Add(count);
            if (count > 0)
                states |= MspStates.ReceivedPacket;
            if (input.HasMessage)
                states |= MspStates.ReceivedData;
        }
    }

    private void NoteEnds()
    {
        if (isReadEnded && !input.HasMessage)
            states |= MspStates.ShutdownRemote;
        if (!stream!.Completion.IsCompleted)
            return;

        if (stream.Completion.Exception?.InnerException is { } error)
            End(WasStopped(error) ? MspStates.Stopped : MspStates.Error, Reason(error));
        else if ((states & MspStates.ShutdownRemote) != 0)
            End(0, null);
    }

    private static bool WasStopped(Exception error) =>
        error is ProtocolNotSupportedException or SessionLostException { Reason: PeerLoss.ClosedByPeer };

    private static string Reason(Exception error) => error switch
    {
        ProtocolNotSupportedException => "nobody listens on that port of the peer",
        SessionLostException { Reason: PeerLoss.ClosedByPeer } => "the peer stopped it",
        _ => error.Message.TrimEnd('.'),
    };

    private void End(MspStates how, string? failure)
    {
        if (IsOver)
            return;

        states |= MspStates.Closed | how;
        Failure = failure;
    }
}

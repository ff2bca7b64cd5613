using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>
/// What one connection sends: frames are appended to a pooled buffer, which whoever finds the carrier idle writes; all that was appended
/// meanwhile is the next write. Safe on any thread; allocates nothing for a message once its buffers are rented.
/// </summary>
// API-198
internal sealed partial class MessiOutput : IThreadPoolWorkItem
{
    /// <summary>
    /// A sender that comes again so soon after a write does not write by itself: a thread of the pool does, while it goes on. About what a
    /// write to a socket takes.
    /// </summary>
    private static readonly TimeSpan BurstGap = TimeSpan.FromMicroseconds(20);

    /// <summary>What is put off until the end of a batch is at most this and one message, in bytes.</summary>
    private const int CorkMax = 32 * 1024;

    /// <summary>
    /// Bytes behind which sends wait while a flush that was left to the pool has not begun: about what stays in the cache of a processor
    /// until it is written. Senders on all threads of the pool would else fill their queues first, and keep timers waiting.
    /// </summary>
    private const int PutOffMax = 64 * 1024;

    private readonly Lock gate = new();
    private readonly Stream stream;
    private readonly MessiRole role;
    private readonly IMessiOutputOwner owner;
    private readonly Action onWritten;
    private readonly int queueMax;
    private readonly int messageSizeMax;

    private MessiWireFormat format;
    private volatile bool isFormatKnown;
    private byte[]? filling;
    private byte[]? spare;
    private int filled;
    private int writing;
    private bool isFlushing;
    private bool isPutOff;
    private bool isCorked;
    private long? lastFlush;
    private MessiException? end;

    public MessiOutput(
        Stream stream, MessiRole role, MessiWireFormat? format, int queueMax, int messageSizeMax, IMessiOutputOwner owner)
    {
        this.stream = stream;
        this.role = role;
        this.format = format ?? MessiWireFormat.Documented;
        isFormatKnown = format is not null;
        this.queueMax = queueMax;
        this.messageSizeMax = messageSizeMax;
        this.owner = owner;
        onWritten = OnWritten;
    }

    /// <summary>What tells bursts from single messages.</summary>
    public TimeProvider Clock { private get; init; } = TimeProvider.System;

    /// <summary>Runs flushes that are put off; soon, and not within the call.</summary>
    public Action<IThreadPoolWorkItem> PutOff { private get; init; } =
        static flush => ThreadPool.UnsafeQueueUserWorkItem(flush, preferLocal: false);

    /// <summary>Bytes that wait to be sent.</summary>
    public int Waiting => Volatile.Read(ref filled) + Volatile.Read(ref writing);

    /// <summary>
    /// The length of a message as a payload; throws when it is above the limits, before anything is written.
    /// </summary>
    /// <param name="field">The member's field number.</param>
    /// <param name="message">The member.</param>
    /// <param name="body">The member's own length.</param>
    public int Measure(int field, IMessage message, out int body)
    {
        body = message.CalculateSize();
        var payload = MessiMember.HeaderLength(field, body) + body;
        // MESSI-012: before the format is known the message must fit either.
        var max = Math.Min(messageSizeMax, MessiFrame.PayloadMax(isFormatKnown ? format : MessiWireFormat.Compact));
        return payload <= max ? payload : throw TooLarge(payload, max);
    }

    /// <summary>Queues a message, or waits for room behind those that wait already.</summary>
    public ValueTask Send(int field, IMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        cancellationToken.ThrowIfCancellationRequested();
        var payload = Measure(field, message, out var body);
        var mustFlush = false;
        MessiSendWait? wait = null;
        lock (gate)
        {
            if (end is not null)
                throw end.Again();

            if (waits.Count > 0 || !HasRoom(payload) || (isPutOff && filled >= PutOffMax))
            {
                // MESSI-044
                wait = AddWait(field, message);
            }
            else
            {
                Append(field, message, payload, body);
                mustFlush = Claim();
            }
        }

        if (mustFlush)
            Flush();
        return wait is null ? default : WaitForRoom(wait, cancellationToken);
    }

    /// <summary>Queues a message if there is room.</summary>
    /// <returns>False when there is none, or the connection has ended.</returns>
    public bool TrySend(int field, IMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var payload = Measure(field, message, out var body);
        lock (gate)
        {
            if (end is not null || !HasRoomNow(payload))
                return false;

            Append(field, message, payload, body);
            if (!Claim())
                return true;
        }

        Flush();
        return true;
    }

    /// <summary>Queues a payload that is encoded already.</summary>
    /// <returns>False when there is no room, or the connection has ended.</returns>
    public bool TrySendEncoded(ReadOnlySpan<byte> payload)
    {
        lock (gate)
        {
            if (end is not null || !HasRoomNow(payload.Length))
                return false;

            var frame = Reserve(payload.Length);
            var header = WriteHeader(frame, payload.Length);
            payload.CopyTo(frame[header..]);
            Commit(header + payload.Length);
            if (!Claim())
                return true;
        }

        Flush();
        return true;
    }

    /// <summary>Whoever has corked this output is done, unless another thread has flushed it meanwhile.</summary>
    public void FlushCorked()
    {
        lock (gate)
        {
            if (!isCorked)
                return;

            isCorked = false;
            isFlushing = true;
        }

        Write();
    }

    /// <summary>The flush that <see cref="Flush"/> has put off.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        lock (gate)
            isPutOff = false;
        Write();
    }

    private static ValueTask WaitForRoom(MessiSendWait wait, CancellationToken cancellationToken)
    {
        var task = wait.Task;
        wait.Watch(cancellationToken);
        return task;
    }

    // A message above the bound passes when nothing else waits, or it never could.
    private bool HasRoom(int payload)
        => filled + writing == 0 || filled + writing + (long)payload + MessiFrame.HeaderLengthMax <= queueMax;

    /// <summary>For what does not wait: behind all that waits, but not for a flush that has not begun.</summary>
    private bool HasRoomNow(int payload)
    {
        if (isPutOff)
            Admit();
        return waits.Count == 0 && HasRoom(payload);
    }

    private void Append(int field, IMessage message, int payload, int body)
    {
        var frame = Reserve(payload);
        var at = WriteHeader(frame, payload);
        // MESSI-071
        at += MessiMember.WriteHeader(frame[at..], field, body);
        try
        {
            message.WriteTo(frame.Slice(at, body));
        }
        catch (Exception exception) when (exception is InvalidOperationException or CodedOutputStream.OutOfSpaceException)
        {
            throw new MessiException(
                MessiDisconnectReason.MessageEncodeError,
                "The message changed while it was encoded: leave it alone until the send has completed.",
                exception);
        }

        Commit(at + body);
    }

    private Span<byte> Reserve(int payload)
    {
        var need = filled + MessiFrame.HeaderLengthMax + payload;
        if (filling is null || filling.Length < need)
            Grow(need);
        return filling.AsSpan(filled);
    }

    [MemberNotNull(nameof(filling))]
    private void Grow(int need)
    {
        if (filling is null && spare?.Length >= need)
        {
            (filling, spare) = (spare, null);
            return;
        }

        var larger = MessiBuffers.Shared.Rent(Math.Max(need, 2 * filled));
        if (filling is not null)
        {
            filling.AsSpan(0, filled).CopyTo(larger);
            MessiBuffers.Shared.Return(filling);
        }

        filling = larger;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int WriteHeader(Span<byte> frame, int payload)
        => MessiFrame.WriteHeader(frame, format, role, MessiFrameKind.User, payload);

    private void Commit(int length)
    {
        filled += length;
        messagesAppended++;
    }

    /// <summary>Under the gate, after an append: true when the caller has to <see cref="Flush"/>.</summary>
    private bool Claim()
    {
        // MESSI-024: nothing leaves before the format is known.
        if (isFlushing || !isFormatKnown)
            return false;

        // A queue that is put off must not look full.
        if (filled < CorkMax && MessiBatch.Current is { } batch)
        {
            if (!isCorked)
            {
                isCorked = true;
                batch.Add(this);
            }

            return false;
        }

        isCorked = false;
        isFlushing = true;
        return true;
    }

    /// <summary>Writes now, or lets a thread of the pool do it when messages come one upon the other.</summary>
    private void Flush()
    {
        var now = Clock.GetTimestamp();
        var isBurst = lastFlush is { } last && Clock.GetElapsedTime(last, now) < BurstGap;
        lastFlush = now;
        if (!isBurst)
        {
            Write();
            return;
        }

        lock (gate)
            isPutOff = true;
        PutOff(this);
    }

    internal static MessiException TooLarge(int payload, int max) => new(
        MessiDisconnectReason.MessageEncodeError,
        $"The message takes {payload} bytes, and at most {max} can be sent: make it smaller, or raise MessageSizeMax at both ends; "
        + $"the compact format ends at {Limits.MessiCompactPayloadMax}.",
        null);
}

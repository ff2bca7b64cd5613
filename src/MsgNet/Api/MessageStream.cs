namespace MsgNet;

/// <summary>
/// Bytes to and from a peer, in order, both ways: what <see cref="IMessageHost.OpenStream"/> gives and a <see cref="StreamHandler"/> takes.
/// Dispose it when you are done.
/// </summary>
/// <remarks>
/// <para>
/// One read and one write at a time may be under way, on any threads; a second of either throws <see cref="InvalidOperationException"/>.
/// <see cref="Abort"/> and <see cref="IDisposable.Dispose"/> may be called at any time.
/// </para>
/// <para>
/// A write completes when all its bytes are in the send buffer of 256 KiB, and waits for room there; the caller may reuse its buffer then.
/// Nothing is held back, so flushing does nothing. What the peer does not read makes its window close, and then writes here wait. A read
/// gives what is there, at least one byte, and waits for it; 0 is the end: the peer completed its writes and everything was read. A read
/// into an empty buffer completes when a read would.
/// </para>
/// <para>
/// Cancelling a read loses nothing. Cancelling a write leaves the stream usable, but a part of the write may have been accepted and is
/// sent; how much is not told. After such a write disposing aborts the stream, so that the peer does not take the part for the whole,
/// unless <see cref="CompleteWrites"/> is called.
/// </para>
/// <para>
/// When the stream is lost, reads and writes throw <see cref="IOException"/> whose inner exception is the <see cref="MsgNetException"/>
/// that says why: <see cref="ProtocolNotSupportedException"/>, <see cref="SessionLostException"/> or
/// <see cref="PeerUnreachableException"/>. What was received and not read by then is lost too, unless it is all of it.
/// </para>
/// </remarks>
public abstract class MessageStream : Stream
{
    private protected MessageStream()
    {
    }

    /// <summary>The peer at the other end.</summary>
    public abstract PeerId Remote { get; }

    /// <summary>The protocol.</summary>
    public abstract ProtocolId Protocol { get; }

    /// <summary>
    /// Ends when the stream does: successfully when the peer has read everything that was written here, its end included, and everything
    /// that the peer wrote was read, or discarded after disposing; else with the <see cref="MsgNetException"/> that says why.
    /// </summary>
    public abstract Task Completion { get; }

    /// <summary>
    /// Nothing more will be written: once the peer has read what was, its reads return 0. Reading goes on. Repeated calls do nothing.
    /// </summary>
    /// <exception cref="InvalidOperationException">A write is under way: await it first.</exception>
    /// <exception cref="ObjectDisposedException">The stream is disposed, which completed its writes.</exception>
    public abstract void CompleteWrites();

    /// <summary>
    /// Ends the stream at once, both ways, and tells the peer, whose reads and writes fail from then on. What was not delivered is lost.
    /// Repeated calls do nothing.
    /// </summary>
    public abstract void Abort();

    /// <summary>
    /// Completes the writes, if that was not done, and gives the stream up without waiting: what was written is sent in the background.
    /// What the peer still sends is discarded; it is told by an abort once everything written here was read, or after 256 KiB.
    /// A read or write under way ends with <see cref="ObjectDisposedException"/>, and a write that was cut short aborts the stream.
    /// </summary>
    /// <param name="disposing">True when called by <see cref="IDisposable.Dispose"/>.</param>
    protected override void Dispose(bool disposing) => base.Dispose(disposing);
}

using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// Calls of <see cref="IMessageSocket.ReadMessage"/> that wait for a message, in the order they came. Every member is called under the
/// gate.
/// </summary>
internal sealed class WaitingReaders(IScheduler scheduler)
{
    private readonly List<(OneShot<(Multiaddress From, int Bytes)> Read, Memory<byte> Buffer)> readers = [];

    /// <summary>Copies as much as fits; returns how much.</summary>
    public static int Copy(ReadOnlySpan<byte> data, Span<byte> destination) // API-103
    {
        var length = Math.Min(data.Length, destination.Length);
        data[..length].CopyTo(destination);
        return length;
    }

    /// <summary>Waits for the next message that nobody before waits for.</summary>
    public ValueTask<(Multiaddress From, int Bytes)> Add(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        // A reader that was cancelled stays until the next one comes, at most.
        readers.RemoveAll(static reader => reader.Read.IsEnded);
        var read = new OneShot<(Multiaddress From, int Bytes)>(scheduler);
        readers.Add((read, buffer));
        read.CancelWith(cancelled: null, cancellationToken);
        return read.Wait;
    }

    /// <summary>Hands a message to the reader that waits longest; false when nobody waits.</summary>
    public bool TryGive(Multiaddress from, ReadOnlySpan<byte> data)
    {
        while (readers.Count > 0)
        {
            var (read, buffer) = readers[0];
            readers.RemoveAt(0);
            if (!read.TryClaim())
                continue;

            read.Complete((from, Copy(data, buffer.Span)));
            return true;
        }

        return false;
    }

    /// <summary>Ends every wait: the socket is closed.</summary>
    public void Close()
    {
        foreach (var (read, _) in readers)
            read.Fail(new ObjectDisposedException(nameof(IMessageSocket), "The socket is closed: open another."));

        readers.Clear();
    }
}

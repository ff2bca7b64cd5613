namespace MsgNet;

/// <summary>A socket that carries messages to and from addresses, below sessions and protocols. Safe on any thread.</summary>
public interface IMessageSocket : IAsyncDisposable
{
    /// <summary>The transport that opened it.</summary>
    IMessageTransport Transport { get; }

    /// <summary>Addresses it listens on, as bound, without <c>/p2p</c>.</summary>
    IReadOnlyList<Multiaddress> Addresses { get; }

    /// <summary>
    /// Takes the next message that was written to this socket with <see cref="WriteMessage"/>; a longer one than the buffer is cut.
    /// </summary>
    ValueTask<(Multiaddress From, int Bytes)> ReadMessage(Memory<byte> buffer, CancellationToken cancellationToken = default);

    /// <summary>Writes one message to an address, outside any protocol. On a sealed socket the address ends in <c>/p2p/…</c>.</summary>
    ValueTask WriteMessage(ReadOnlyMemory<byte> data, Multiaddress to, CancellationToken cancellationToken = default);

    /// <summary>Binds to an address and starts to listen.</summary>
    ValueTask Listen(Multiaddress address, CancellationToken cancellationToken = default);
}

namespace MsgNet;

/// <summary>Takes one stream that a peer opened. When what it returns ends, the stream is disposed; when it throws, aborted.</summary>
/// <param name="stream">The stream; a <see cref="MessageStream"/>, for half-closing and aborting.</param>
/// <param name="from">The peer that opened it.</param>
/// <param name="cancellationToken">Cancelled when the stream is lost, or the host closes.</param>
public delegate ValueTask StreamHandler(Stream stream, PeerId from, CancellationToken cancellationToken);

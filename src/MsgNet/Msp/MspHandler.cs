using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Takes what happens to an <see cref="MspSocket"/>. Called with each message in order, when <see cref="MspSocket.States"/> has changed, at
/// least every second, and one last time with <see cref="MspStates.Closed"/> and no message. One call at a time for each socket, under no
/// lock; in automatic mode on the thread pool, else inside <see cref="MspSockets.Process"/>.
/// </summary>
/// <param name="socket">
/// The socket; of a connection that a listener took, the new one. The listener itself only stands here when it has ended.
/// </param>
/// <param name="states">Its state at the time of the call.</param>
/// <param name="message">What is left of the oldest message; empty when the call is about the state. Borrowed for the call.</param>
/// <returns>
/// How many bytes of <paramref name="message"/> were consumed. The rest is offered again on the next pass, and nothing after it before;
/// only a message consumed to its end is acknowledged, so that a slow handler slows its peer. An exception stops the socket.
/// </returns>
public delegate int MspHandler(MspSocket socket, MspStates states, ReadOnlySpan<byte> message);

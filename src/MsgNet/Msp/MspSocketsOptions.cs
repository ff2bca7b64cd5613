using Microsoft.Extensions.Logging;
using MsgNet.Core;

namespace MsgNet;

/// <summary>How <see cref="MspSockets"/> work. Read when they are made.</summary>
public sealed class MspSocketsOptions
{
    /// <summary>
    /// How connections over datagrams send and time: <see cref="MspProfile.Default"/>, or <see cref="MspProfile.Serval"/> for exactly what
    /// Serval nodes do. Both ends may differ. Of no meaning over lanes, whose path decides.
    /// </summary>
    public MspProfile Profile { get; set; } = MspProfile.Default;

    /// <summary>
    /// Nothing happens but inside <see cref="MspSockets.Process"/>, which somebody has to call. Default: false; timers and threads of the
    /// platform do it, and handlers run on the thread pool.
    /// </summary>
    public bool IsCallerDriven { get; set; }

    /// <summary>Where failures of handlers are logged. Null: nowhere; <see cref="MspSocket.Completion"/> has them too.</summary>
    public ILoggerFactory? Loggers { get; set; }
}

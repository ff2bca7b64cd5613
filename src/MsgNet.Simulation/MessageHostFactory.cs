using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Simulation;

/// <summary>Makes and starts the message host of one life of a simulated host.</summary>
internal delegate IMessageHost MessageHostFactory(
    IHostPlatform platform, IChannelCrypto crypto, PeerId id, bool identityIsFresh, MsgNetOptions options);

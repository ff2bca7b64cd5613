using MsgNet.Messi;

namespace MsgNet.Benchmarks.Loads;

[MessiProtocol(typeof(ClientToServer), typeof(ServerToClient))]
internal sealed partial class Load;

using MsgNet.Messi.Tests.Proto;

namespace MsgNet.Messi.Tests;

[MessiProtocol(typeof(ClientToServer), typeof(ServerToClient))]
public sealed partial class Chat;

[MessiProtocol(typeof(Pairs.ClientToServer), typeof(Pairs.ServerToClient))]
public sealed partial class Numbers;

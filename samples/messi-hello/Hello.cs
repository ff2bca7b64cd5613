using MsgNet.Messi;

namespace MessiHello;

#region protocol
[MessiProtocol(typeof(ClientToServer), typeof(ServerToClient))]
public partial class Hello;
#endregion

using MsgNet.Messi;

namespace MessiChat;

[MessiProtocol(typeof(ClientToServer), typeof(ServerToClient))]
public partial class Chat;

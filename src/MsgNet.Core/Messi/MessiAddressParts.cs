using MsgNet.Messi;

namespace MsgNet.Core;

/// <summary>What stands in the text of a <see cref="MessiAddress"/>.</summary>
internal readonly record struct MessiAddressParts(
    MessiScheme Scheme, string Host, int Port, MessiWireFormat? WireFormat, Multiaddress? Multiaddress);

namespace MsgNet.Core;

/// <summary>What the driver of a <see cref="MessiServerMachine"/> has to do now.</summary>
public enum MessiServerAction
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary><see cref="MessiServerMachine.Format"/> is known: frames that waited for it can be written.</summary>
    FormatKnown,

    /// <summary>Send a pong, ahead of messages that wait.</summary>
    SendPong,

    /// <summary>Close the connection; <see cref="MessiServerMachine.Reason"/> tells why.</summary>
    Close,
}

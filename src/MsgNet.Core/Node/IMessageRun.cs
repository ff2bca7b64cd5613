namespace MsgNet.Core;

/// <summary>Messages back to back in borrowed bytes, good until the next call into the machine.</summary>
public interface IMessageRun
{
    /// <summary>The next message; false when none is left, or what follows has to be taken by itself.</summary>
    bool TryPeek(out ReadOnlySpan<byte> message);

    /// <summary>Takes the message just peeked.</summary>
    void Take();
}

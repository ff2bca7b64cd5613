namespace MsgNet.Core;

/// <summary>
/// A key of one direction of one session. A driver works with it outside its machine's lock, so it can be disposed while packets are under
/// way: it is lent for that time.
/// </summary>
/// <remarks>Safe on any thread. Nothing is allocated.</remarks>
public interface IPacketKey : IDisposable
{
    /// <summary>Keeps the key for work that is still to be done: disposed meanwhile, it lives until <see cref="Return"/>.</summary>
    /// <exception cref="ObjectDisposedException">The key was disposed and is not lent.</exception>
    void Lend();

    /// <summary>What it was lent for is done: a key that was disposed meanwhile is wiped with the last of it.</summary>
    void Return();
}

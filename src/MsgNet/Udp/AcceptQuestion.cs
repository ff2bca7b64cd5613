using MsgNet.Core;

namespace MsgNet;

/// <summary>One call of <see cref="MsgNetOptions.AcceptPeer"/>, on the scheduler and under no lock: it is the user's code.</summary>
internal sealed class AcceptQuestion(
    UdpEndpoints endpoints, Func<PeerId, Multiaddress, bool> accept, PeerId peer, Multiaddress address) : IThreadPoolWorkItem
{
    /// <inheritdoc/>
    public void Execute() => endpoints.Answer(peer, Ask());

    private bool Ask()
    {
        try
        {
            return accept(peer, address); // SEC-067
        }
#pragma warning disable CA1031 // Whatever the user's code throws: a peer that nobody vouches for stays outside.
        catch (Exception error)
#pragma warning restore CA1031
        {
            endpoints.Context.Logger.AcceptPeerFailed(error, peer, address);
            return false;
        }
    }
}

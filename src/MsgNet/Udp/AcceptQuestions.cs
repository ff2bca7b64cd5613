using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Calls <see cref="MsgNetOptions.AcceptPeer"/> on the scheduler and under no lock: it is the user's code. Safe on any thread.
/// </summary>
internal sealed class AcceptQuestions(UdpEndpoints endpoints, Func<PeerId, Multiaddress, bool> accept)
{
    private readonly LogThrottle lines = new();

    /// <summary>Has the user asked about a peer; the answer goes to the endpoints.</summary>
    public void Ask(PeerId peer, Multiaddress address) =>
        endpoints.Context.Platform.Scheduler.Post(new Question(this, peer, address));

    private void Answer(PeerId peer, Multiaddress address) => endpoints.Answer(peer, Accepts(peer, address));

    private bool Accepts(PeerId peer, Multiaddress address)
    {
        try
        {
            return accept(peer, address); // SEC-067
        }
#pragma warning disable CA1031 // Whatever the user's code throws: a peer that nobody vouches for stays outside.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Log(error, peer, address);
            return false;
        }
    }

    // Strangers can make it throw as often as they like.
    private void Log(Exception error, PeerId peer, Multiaddress address)
    {
        if (lines.TryPass(endpoints.Context.Platform.Now))
            endpoints.Context.Logger.AcceptPeerFailed(error, peer, address);
    }

    private sealed class Question(AcceptQuestions owner, PeerId peer, Multiaddress address) : IThreadPoolWorkItem
    {
        public void Execute() => owner.Answer(peer, address);
    }
}

using MsgNet.LoadBench.Contestants;
using MsgNet.LoadBench.Processes;

namespace MsgNet.LoadBench.Measures;

/// <summary>The two processes of a contestant, a core each. They live through all rounds, so that their code is compiled once.</summary>
internal sealed class Pair : IAsyncDisposable
{
    private const int SenderCore = 0;
    private const int ReceiverCore = 1;

    public Child Sender { get; } = Child.Start(SenderCore, EndProcess.Role);

    public Child Receiver { get; } = Child.Start(ReceiverCore, EndProcess.Role);

    /// <summary>True when one of them is lost.</summary>
    public bool IsLost => Sender.IsLost || Receiver.IsLost;

    /// <summary>True once it has measured something.</summary>
    public bool IsWarm { get; private set; }

    /// <summary>Opens both ends, lets <paramref name="measure"/> work with them, and closes them.</summary>
    /// <param name="contestant">Whose ends.</param>
    /// <param name="work">What for.</param>
    /// <param name="divert">Where the sender sends to instead: a relay's port.</param>
    /// <param name="measure">What is done meanwhile.</param>
    public async Task<T> With<T>(IContestant contestant, LoadWork work, Func<Target, Task<Target>> divert, Func<Task<T>> measure)
    {
        var order = new Order { Kind = OrderKind.Listen, Contestant = contestant.Name, Work = work };
        var target = await divert((await Receiver.Do(order)).Target!);
        try
        {
            await Sender.Do(order with { Kind = OrderKind.Connect, Target = target });
            return await measure();
        }
        finally
        {
            IsWarm = true;
            if (!Sender.IsLost)
                await Sender.Do(OrderKind.Close);
            if (!Receiver.IsLost)
                await Receiver.Do(OrderKind.Close);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Sender.DisposeAsync();
        await Receiver.DisposeAsync();
    }
}

using MsgNet.Platform;

namespace MsgNet;

/// <summary>Asks everything a host lives by for a sign of life: the timer thread, the host's lock, each port's receive thread.</summary>
internal sealed class HealthProbe(IHostPlatform platform, Gate gate, TimeSpan patience)
{
    /// <summary>What does not answer in time, as a sentence; null when all does.</summary>
    public async Task<string?> FindFault(IReadOnlyList<IDatagramPort> ports, CancellationToken cancellationToken)
    {
        if (!await IsTimerAlive(cancellationToken))
            return $"the timer thread does not come round within {patience}: a callback hangs, or the host's lock is held";

        foreach (var port in ports)
        {
            if (!await IsAnswered(port.Probe, cancellationToken))
                return $"{port.Local} does not receive: an inline handler hangs, or its thread has ended";
        }

        return null;
    }

    private async Task<bool> IsTimerAlive(CancellationToken cancellationToken)
    {
        IPlatformTimer? timer = null;
        try
        {
            return await IsAnswered(
                answer =>
                {
                    timer = platform.CreateTimer(() => AnswerUnderGate(answer));
                    timer.Set(platform.Now);
                },
                cancellationToken);
        }
        finally
        {
            timer?.Dispose();
        }
    }

    private void AnswerUnderGate(Action answer)
    {
        using (gate.Enter())
            answer();
    }

    private async Task<bool> IsAnswered(Action<Action> ask, CancellationToken cancellationToken)
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ask(() => answered.TrySetResult());
        try
        {
            await answered.Task.WaitAsync(patience, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}

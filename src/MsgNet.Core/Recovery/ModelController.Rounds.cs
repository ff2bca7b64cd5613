namespace MsgNet.Core;

/// <content>What is judged once in a round: the queue, the loss, the plateau of startup.</content>
internal sealed partial class ModelController
{
    // REC-067: senders that share a path get the same from its length, whatever their shares; on slow ones 20 ms of the rate bound it.
    private long QueueStep
    {
        get
        {
            var most = Math.Clamp(minRoundTrip.TotalMilliseconds / 5, WindowMin, 2 * WindowExtraMax);
            return (long)Math.Clamp(Bandwidth * 0.020, WindowMin * datagramSize, most * datagramSize);
        }
    }

    private void JudgeLoss()
    {
        // Small rounds are judged together: a share of five packets says nothing.
        var total = roundDelivered + roundLost;
        if (total < (long)LossRoundPacketsMin * datagramSize)
            return;

        var loss = (double)roundLost / total;
        // REC-056
        excessRounds = loss - RandomLoss > ExcessLossMax ? excessRounds + 1 : 0;
        leastLoss.Update(round, 1 - (queueStands ? Math.Min(loss, RandomLossFade * RandomLoss) : loss));
        if (loss > StartupLossMax && total >= (long)StartupLossPacketsMin * datagramSize)
            isFull = true;
        if (excessRounds >= 2 && isFull)
            inflightBound = Math.Max(roundDelivered, WindowMin * datagramSize);
        else if (excessRounds == 0)
            RaiseBound();
        roundDelivered = roundLost = 0;
        queueStands = false;
    }

    private void JudgeQueue(bool appLimited)
    {
        var room = new TimeSpan(Math.Clamp(minRoundTrip.Ticks / 8, QueueRoomMin.Ticks, QueueRoomMax.Ticks));
        if (!isFull && queue.Stands(minRoundTrip, 2 * room))
            isFull = true;
        // Where much is lost, the queue may be shorter than its room.
        if (roundLost > LossMin * (roundLost + roundDelivered))
            room = TimeSpan.FromTicks(Math.Min(room.Ticks, (minRoundTrip.Ticks / 4) + RoundTripNominal.Ticks));
        queueStands |= queue.Stands(minRoundTrip, room);
        // Who has little to say did not make the queue.
        if (isFull && !(appLimited && queue.Stands(minRoundTrip, room)))
            queue.Judge(minRoundTrip, room, QueueStep, (long)(WindowGain * Product));
        queue.StartRound();
    }

    private void RaiseBound()
    {
        if (inflightBound == long.MaxValue)
            return;
        inflightBound += (inflightBound / 4) + datagramSize;
        if (inflightBound > 2 * WindowGain * Product)
            inflightBound = long.MaxValue;
    }

    private void JudgePlateau()
    {
        if (Bandwidth >= fullBandwidth * Growth)
        {
            fullBandwidth = Bandwidth;
            fullRounds = 0;
        }
        else
        {
            isFull = ++fullRounds >= FullRounds;
        }
    }
}

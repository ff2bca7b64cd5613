using System.Reflection;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Msp;

/// <summary>
/// Every schedule of one direction with 16 sequence numbers: all loss, duplication and reordering. The network keeps each copy of a segment
/// or acknowledgement until <c>lifetime</c> new segments were sent after the last moment at which it could have been sent; until then it
/// may
/// deliver it at any time, any number of times. Breadth-first over all states that can be reached; numbers wrap in it for ever.
/// </summary>
public sealed class MspModelTests
{
    private const int Numbers = 16;
    private static readonly FieldInfo[] Arrays = [.. typeof(MspMachine)
        .GetFields(BindingFlags.NonPublic | BindingFlags.Instance)
        .Where(field => field.FieldType.IsArray)];

    private static readonly Func<object, object> Clone = typeof(object)
        .GetMethod("MemberwiseClone", BindingFlags.NonPublic | BindingFlags.Instance)!
        .CreateDelegate<Func<object, object>>();

    public static TheoryData<int, int> Safe => new() { { 1, 7 }, { 2, 6 }, { 3, 5 }, { 4, 4 } };

    public static TheoryData<int, int> TooLarge => new() { { 2, 7 }, { 3, 6 }, { 4, 5 } };

    [Theory]
    [MemberData(nameof(Safe))]
    [Covers("MSP-011", "MSP-012", "MSP-013", "MSP-014", "MSP-021", "MSP-022")]
    public void In_every_schedule_each_segment_is_taken_once_and_in_order_and_none_is_taken_for_another(int window, int lifetime)
    {
        var states = Explore(window, lifetime, out var error);
        Assert.Null(error);
        Assert.True(states > 16 * window, $"{states} states");
    }

    [Theory]
    [MemberData(nameof(TooLarge))]
    [Covers("MSP-012")]
    public void With_a_window_too_large_for_the_life_of_a_packet_an_old_copy_is_taken_for_a_new_one(int window, int lifetime)
    {
        Explore(window, lifetime, out var error);
        Assert.NotNull(error);
    }

    private static int Explore(int window, int lifetime, out string? error)
    {
        var pool = new BufferPool(poison: true);
        var settings = new MspMachineSettings { SequenceBits = 4, SendWindow = window, ReceiveWindow = window };
        using var sender = new MspMachine(settings, pool);
        using var receiver = new MspMachine(settings, pool);
        var start = new State(sender, receiver, window, lifetime);
        var seen = new HashSet<(ulong, ulong)> { start.Key };
        var queue = new Queue<State>();
        queue.Enqueue(start);
        while (queue.TryDequeue(out var state))
        {
            foreach (var action in state.Actions())
            {
                var next = state.Copy();
                error = next.Do(action);
                if (error is not null)
                    return seen.Count;
                if (seen.Add(next.Key))
                    queue.Enqueue(next);
            }
        }

        error = null;
        return seen.Count;
    }

    private enum Step
    {
        Send,
        Lose,
        Arrive,
        Deliver,
        Consume,
        Acknowledge,
    }

    private sealed class State(MspMachine sender, MspMachine receiver, int window, int lifetime)
    {
        private readonly byte[] packet = new byte[MspPacket.HeaderLength];
        private ulong sentEnd;

        // Bit i: segment FirstUnacknowledged + i is lost, or has arrived; Consumed + i is held.
        private uint lost;
        private uint arrived;
        private uint held;

        // The low bits of una place the numbers in the rings and on the wire; all else is relative to it.
        public (ulong Window, ulong Sets) Key => (
            (sender.FirstUnacknowledged % Numbers) | ((sentEnd - sender.FirstUnacknowledged) << 8)
                | ((receiver.Consumed - sender.FirstUnacknowledged) << 16),
            lost | ((ulong)arrived << 16) | ((ulong)held << 32));

        public State Copy() => new(CopyOf(sender), CopyOf(receiver), window, lifetime)
        {
            sentEnd = sentEnd,
            lost = lost,
            arrived = arrived,
            held = held,
        };

        public IEnumerable<(Step Step, ulong Number)> Actions()
        {
            var first = sender.FirstUnacknowledged;
            if (lost != 0 || sentEnd < first + (ulong)window)
                yield return (Step.Send, 0);
            for (var number = first; number < sentEnd; number++)
            {
                var bit = 1u << (int)(number - first);
                if (((lost | arrived) & bit) == 0)
                    yield return (Step.Lose, number);
                if ((arrived & bit) == 0 && (number < receiver.Consumed || (held & (1u << (int)(number - receiver.Consumed))) != 0))
                    yield return (Step.Arrive, number);
            }

            for (var number = Oldest(sentEnd); number < sentEnd; number++)
                yield return (Step.Deliver, number);
            if ((held & 1) != 0)
                yield return (Step.Consume, receiver.Consumed);
            for (var consumed = Oldest(sentEnd); consumed <= receiver.Consumed; consumed++)
                yield return (Step.Acknowledge, consumed);
        }

        /// <summary>Takes a step; tells what went wrong.</summary>
        public string? Do((Step Step, ulong Number) action) => action.Step switch
        {
            Step.Send => Send(),
            Step.Lose => Mark(ref lost, action.Number, sender.OnLost),
            Step.Arrive => Arrive(action.Number),
            Step.Deliver => Deliver(action.Number),
            Step.Consume => Consume(),
            _ => Acknowledge(action.Number),
        };

        // The last moment at which a segment can be sent again, or an acknowledgement of all before it, is when the window behind it is
        // full.
        private ulong Oldest(ulong end) => end > (ulong)(window + lifetime) ? end - (ulong)(window + lifetime) : 0;

        private string? Send()
        {
            while (sender.CanAppend)
                sender.Append([]);
            if (!sender.TryPeekSend(out var number, out _))
                return "Nothing to send though the window has room.";

            sender.WriteData(number, packet);
            var isAgain = number < sentEnd;
            var expected = isAgain ? sender.FirstUnacknowledged + (ulong)uint.TrailingZeroCount(lost) : sentEnd;
            if (number != expected)
                return $"Sent {number}, not {expected}.";
            if (isAgain)
                lost &= lost - 1;
            else
                sentEnd++;
            return null;
        }

        private string? Mark(ref uint set, ulong number, Action<ulong> tell)
        {
            tell(number);
            set |= 1u << (int)(number - sender.FirstUnacknowledged);
            return null;
        }

        private string? Arrive(ulong number)
        {
            lost &= ~(1u << (int)(number - sender.FirstUnacknowledged));
            return Mark(ref arrived, number, sender.OnArrived);
        }

        private string? Deliver(ulong number)
        {
            MspPacket.WriteHeader(packet, MspFlags.None, 0, (ushort)(number % Numbers));
            Assert.True(MspPacket.TryParse(packet, out var parsed));
            var isNew = number >= receiver.Consumed && (held & (1u << (int)(number - receiver.Consumed))) == 0;
            var verdict = receiver.OnPacket(parsed, out var taken);
            if (isNew ? verdict != MspVerdict.Accepted || taken != number : verdict != MspVerdict.Duplicate)
                return $"Segment {number}, new: {isNew}, was {verdict} as {taken}; consumed {receiver.Consumed}.";
            if (isNew)
                held |= 1u << (int)(number - receiver.Consumed);
            return null;
        }

        private string? Consume()
        {
            if (!receiver.TryPeekReceived(out var number, out _) || number != receiver.Consumed)
                return $"Not in order at {receiver.Consumed}.";

            receiver.Take(number);
            receiver.Consume(number);
            held >>= 1;
            return receiver.Consumed == number + 1 ? null : $"Consumed {receiver.Consumed} after {number}.";
        }

        private string? Acknowledge(ulong consumed)
        {
            var before = sender.FirstUnacknowledged;
            MspPacket.WriteAck(packet, MspFlags.Ack, (ushort)((consumed + Numbers - 1) % Numbers));
            Assert.True(MspPacket.TryParse(packet.AsSpan(0, MspPacket.AckLength), out var parsed));
            var verdict = sender.OnPacket(parsed);
            var expected = Math.Max(before, consumed);
            if (verdict != MspVerdict.Taken || sender.FirstUnacknowledged != expected)
                return $"Acknowledgement {consumed} at {before}: {verdict}, now {sender.FirstUnacknowledged}.";
            lost >>= (int)(expected - before);
            arrived >>= (int)(expected - before);
            return null;
        }

        private static MspMachine CopyOf(MspMachine machine)
        {
            var copy = (MspMachine)Clone(machine);
            foreach (var field in Arrays)
                field.SetValue(copy, ((Array)field.GetValue(machine)!).Clone());
            return copy;
        }
    }
}

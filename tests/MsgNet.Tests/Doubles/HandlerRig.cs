using System.Text;
using MsgNet.Core;

namespace MsgNet.Tests;

/// <summary>A handler table with a carrier in front of it and nothing else around it.</summary>
internal sealed class HandlerRig
{
    public static readonly ProtocolId Chat = "/chat/1";

    public HandlerRig() => Table = new HandlerTable(
        new HostDiagnostics(Platform, Logger, meter: null), Registry, Gate, Logger, poisonReturnedBuffers: true);

    public static PeerId Alice { get; } = Peer(1);

    public static PeerId Bob { get; } = Peer(2);

    public static PeerId Carol { get; } = Peer(3);

    public FakePlatform Platform { get; } = new();

    public ProtocolRegistry Registry { get; } = new();

    public Gate Gate { get; } = new();

    public RecordingLogger Logger { get; } = new();

    public HandlerTable Table { get; }

    public static PeerId Peer(int number)
    {
        var key = new byte[32];
        BitConverter.TryWriteBytes(key, number);
        return PeerId.FromEd25519(key);
    }

    public static string TextOf(Message message) => Encoding.ASCII.GetString(message.Data.Span);

    /// <summary>Hands over a message as a carrier does: under the gate, then inline work without it.</summary>
    public SinkResult Deliver(PeerId from, string text, RecordingInbox? inbox = null, ulong token = 0) =>
        Deliver(from, Encoding.ASCII.GetBytes(text), inbox, token);

    public SinkResult Deliver(PeerId from, byte[] data, RecordingInbox? inbox = null, ulong token = 0)
    {
        SinkResult result;
        using (Gate.Enter())
            result = Offer(from, data, inbox, token);

        RunInline();
        return result;
    }

    /// <summary>Hands over messages that came together: the gate is taken once.</summary>
    public SinkResult[] DeliverTogether(PeerId from, IEnumerable<string> texts, RecordingInbox? inbox = null)
    {
        SinkResult[] results;
        using (Gate.Enter())
            results = [.. texts.Select((text, i) => Offer(from, Encoding.ASCII.GetBytes(text), inbox, (ulong)i + 1))];

        RunInline();
        return results;
    }

    /// <summary>
    /// Hands over messages of one segment as a lane does: the first, and then as many of the others as are taken with it; returns how
    /// many those are.
    /// </summary>
    public int DeliverRun(PeerId from, string[] texts, RecordingInbox inbox, ulong token)
    {
        var segment = new WireWriter(new byte[Limits.LaneSegmentMax]);
        segment.WriteByte(0);
        foreach (var text in texts)
        {
            segment.WriteUvarint((ulong)(3 + text.Length));
            segment.WriteByte((byte)FrameType.Continuation);
            segment.WriteUInt16BigEndian(LaneFrame.ProtocolInt);
            segment.WriteBytes(Encoding.ASCII.GetBytes(text));
        }

        var following = new LaneRun(segment.Written, LaneSegment.SpanLength, token);
        using (Gate.Enter())
        {
            Assert.True(following.TryPeek(out var first));
            following.Take();
            if (Offer(from, first.ToArray(), inbox, token) == SinkResult.Taken)
                Table.ConsumerOf(Chat)!.OfferFollowing(ref following);
        }

        RunInline();
        return following.Taken - 1;
    }

    /// <summary>Hands over unreliable messages of one datagram; returns how many were taken with the first.</summary>
    public int DeliverRun(PeerId from, params string[] texts)
    {
        var frames = new WireWriter(new byte[Limits.DatagramSizeMax]);
        foreach (var text in texts[1..])
            Assert.True(FrameWriter.TryWriteContinuation(ref frames, 1, Encoding.ASCII.GetBytes(text)));

        var left = texts.Length - 1;
        var following = new MessageRun(frames.Written, 0, left);
        using (Gate.Enter())
        {
            if (Offer(from, Encoding.ASCII.GetBytes(texts[0]), null, 0) == SinkResult.Taken)
                Table.ConsumerOf(Chat)!.OfferFollowing(ref following);
            for (; following.TryPeek(out _); following.Take())
                left--;
        }

        RunInline();
        return left;
    }

    /// <summary>Has several deliveries come together: the gate is taken once.</summary>
    public void Together(Action deliver)
    {
        using (Gate.Enter())
            deliver();
        RunInline();
    }

    public SinkResult DeliverRequest(PeerId from, string text, RecordingReplies replies, ulong id)
    {
        SinkResult result;
        using (Gate.Enter())
        {
            result = Offer(new IncomingMessage
            {
                From = from,
                Protocol = Chat,
                Data = Encoding.ASCII.GetBytes(text),
                Delivery = Delivery.Unreliable,
                Early = true,
                ReplyTo = replies,
                RequestId = id,
            });
        }

        RunInline();
        return result;
    }

    public void SetHandler(MessageHandler handler) => Table.SetMessageHandler(Chat, handler, HandlerOptions.Default);

    public void SetHandler(MessageHandler handler, HandlerOptions options) => Table.SetMessageHandler(Chat, handler, options);

    public bool IsRegistered() => Registry.TryFind(Encoding.ASCII.GetBytes(Chat.Name), out _);

    public void Run() => Platform.Manual.Run();

    private SinkResult Offer(PeerId from, byte[] data, RecordingInbox? inbox, ulong token) => Offer(new IncomingMessage
    {
        From = from,
        Protocol = Chat,
        Data = data,
        Delivery = inbox is null ? Delivery.Unreliable : Delivery.ReliableOrdered,
        Inbox = inbox,
        Token = token,
    });

    private void RunInline()
    {
        if (!Gate.IsHeldByCurrentThread)
            Table.RunInline();
    }

    private SinkResult Offer(in IncomingMessage message) => Table.ConsumerOf(message.Protocol)?.Offer(message) ?? SinkResult.NoHandler;
}

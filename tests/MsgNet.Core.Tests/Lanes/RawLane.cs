using System.Text;

namespace MsgNet.Core.Tests.Lanes;

/// <summary>One table and a peer made of bytes: packets go in as written down, and what the table writes comes out as text.</summary>
internal sealed class RawLane
{
    private readonly PacketItems items = new();
    private readonly byte[] datagram = new byte[Limits.DatagramSizeMax];

    public RawLane(int side = 1, LaneSettings? settings = null)
    {
        Host = new LaneHost("raw", side, settings ?? new LaneSettings());
    }

    public LaneHost Host { get; }

    public LaneTable Table => Host.Table;

    public Instant Now { get; set; } = Instant.FromMicroseconds(5_000_000);

    public PacketItem[] Items { get; private set; } = [];

    public static byte[] Init(string name, string message = "", ushort transportId = 0, ushort protocolInt = 1)
    {
        var writer = new WireWriter(new byte[2_000]);
        writer.WriteByte(1);
        writer.WriteUInt16BigEndian(transportId);
        writer.WriteUvarint((ulong)name.Length);
        writer.WriteBytes(Encoding.ASCII.GetBytes(name));
        writer.WriteUInt16BigEndian(protocolInt);
        writer.WriteBytes(Encoding.ASCII.GetBytes(message));
        return writer.Written.ToArray();
    }

    public static byte[] Stream(string name, string bytes = "") => Init(name, bytes, LaneFrame.StreamTransport);

    public static byte[] Message(string message, ushort protocolInt = 1) =>
        [3, (byte)(protocolInt >> 8), (byte)protocolInt, .. Encoding.ASCII.GetBytes(message)];

    public static byte[] Request(ulong id, byte[] inner) => [5, 2, (byte)id, .. inner];

    public static byte[] Segment(byte span, params byte[][] chunks)
    {
        var writer = new WireWriter(new byte[20_000]);
        writer.WriteByte(span);
        foreach (var chunk in chunks)
        {
            writer.WriteUvarint((ulong)chunk.Length);
            writer.WriteBytes(chunk);
        }

        return writer.Written.ToArray();
    }

    public static byte[] Packet(MspFlags flags, int ack, int sequence, byte[] data) =>
        [(byte)flags, (byte)ack, (byte)(ack >> 8), (byte)sequence, (byte)(sequence >> 8), .. data];

    /// <summary>A data packet of somebody who has heard nothing yet.</summary>
    public static byte[] Data(int sequence, params byte[][] chunks) => Packet(MspFlags.First, 0xFFFF, sequence, Segment(0, chunks));

    public bool Give(ulong lane, params byte[] packet)
    {
        byte[] body = [.. Number(lane), .. packet];
        Assert.True(MspFrame.TryParse(body, out var frame));
        var taken = Table.OnMsp(Now, frame, early: false, Host.Events);
        Host.Handle(Now);
        return taken;
    }

    public void From(object keys, ulong counter) => Table.Origin = new PacketOrigin(keys, counter);

    public bool Window(ulong lane, ushort window)
    {
        byte[] body = [.. Number(lane), (byte)(window >> 8), (byte)window];
        Assert.True(LaneWindowFrame.TryParse(body, out var frame));
        return Table.OnWindow(Now, frame, Host.Events);
    }

    /// <summary>Frames of control: "lane type packet" each.</summary>
    public string[] Control(bool riding = false)
    {
        var writer = new WireWriter(datagram);
        items.Clear();
        Assert.Equal(Table.WriteControl(Now, riding, ref writer, items), writer.Position > 0);
        return Take(writer.Written);
    }

    public string[] Segments(int room = LanePair.FrameRoom, bool early = false)
    {
        var writer = new WireWriter(datagram.AsSpan(0, room));
        items.Clear();
        Assert.Equal(Table.WriteSegments(Now, room, early, ref writer, items), writer.Position > 0);
        return Take(writer.Written);
    }

    public string[] Probe()
    {
        var writer = new WireWriter(datagram);
        items.Clear();
        Assert.Equal(Table.WriteProbe(Now, ref writer, items), writer.Position > 0);
        return Take(writer.Written);
    }

    public string[] SmallProbe()
    {
        var writer = new WireWriter(datagram);
        items.Clear();
        Assert.Equal(Table.WriteSmallProbe(ref writer, items), writer.Position > 0);
        return Take(writer.Written);
    }

    public void Outcome(bool arrived, params PacketItem[] carried) => Host.Outcome(Now, carried, arrived);

    public void Wait(double milliseconds)
    {
        Now += TimeSpan.FromMilliseconds(milliseconds);
        Host.Tick(Now);
    }

    public LaneEnd? EndOf(ulong lane)
    {
        var ends = Host.Happened.Where(entry => entry.Kind == NodeEventKind.LaneEnded && entry.Lane.Id == lane).ToArray();
        return ends.Length == 0 ? null : Assert.Single(ends).End;
    }

    public string[] Texts() => Host.Received().Select(Encoding.ASCII.GetString).ToArray();

    /// <summary>What it says when a segment breaks a rule: the lane is over, and the peer hears why.</summary>
    public void AssertBroken(ulong lane)
    {
        Host.Tick(Now);
        Assert.Contains($"{lane} 0804", Control());
        Assert.Null(Table.Find(lane));
    }

    private static byte[] Number(ulong lane)
    {
        var bytes = new byte[Uvarint.LengthMax];
        return bytes[..Uvarint.Write(bytes, lane)];
    }

    private string[] Take(ReadOnlySpan<byte> list)
    {
        Items = items.Span.ToArray();
        var found = new List<string>();
        var reader = new FrameListReader(list);
        while (reader.TryNext(out var slice) == FrameReadStatus.Frame)
        {
            if (MspFrame.TryParse(slice.Body, out var msp) && slice.Type == FrameType.Msp)
                found.Add($"{msp.Lane} {Convert.ToHexStringLower(msp.Packet)}");
            else if (LaneWindowFrame.TryParse(slice.Body, out var window))
                found.Add($"{window.Lane} window {window.Window}");
        }

        return [.. found];
    }
}

using System.Buffers.Binary;
using System.Text.Json;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Messi;

/// <summary>Frames made and read by hand, so that the code under test does not judge itself; and the vectors.</summary>
internal static class MessiBytes
{
    public static JsonElement[] Vectors { get; } = [.. RepositoryFiles.Vectors("messi.json").GetProperty("vectors").EnumerateArray()];

    public static TheoryData<string> Names(string kind) =>
        [.. Vectors.Where(vector => vector.Text("kind") == kind).Select(vector => vector.Text("name"))];

    public static JsonElement Find(string name) => Vectors.Single(vector => vector.Text("name") == name);

    public static string Text(this JsonElement element, string property) => element.GetProperty(property).GetString()!;

    public static byte[] Hex(string text) => Convert.FromHexString(text);

    public static byte[] Compact(int type, params byte[] payload)
    {
        var frame = new byte[4 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length);
        frame[0] = (byte)type;
        payload.CopyTo(frame, 4);
        return frame;
    }

    public static byte[] Documented(uint type, params byte[] payload)
    {
        var frame = new byte[8 + payload.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, type);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), payload.Length);
        payload.CopyTo(frame, 8);
        return frame;
    }

    /// <summary>The compact frames of a recording.</summary>
    public static List<(int Type, byte[] Payload)> ReadCompact(ReadOnlySpan<byte> bytes)
    {
        var frames = new List<(int, byte[])>();
        while (bytes.Length >= 4)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes) & 0xFF_FFFF;
            if (bytes.Length - 4 < length)
                break;

            frames.Add((bytes[0], bytes.Slice(4, length).ToArray()));
            bytes = bytes[(4 + length)..];
        }

        return frames;
    }

    /// <summary>The same frame in the documented format.</summary>
    public static byte[] ToDocumented(int compactType, byte[] payload) =>
        Documented(compactType switch { 1 or 2 => 1u, 3 => 2u, 4 => 3u, _ => (uint)compactType }, payload);
}

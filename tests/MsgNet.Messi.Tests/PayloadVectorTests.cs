using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using MsgNet.Core;
using MsgNet.Messi.Vectors.Types;

namespace MsgNet.Messi.Tests;

/// <summary>
/// The payloads of specs/vectors/messi.json, each way: what the original's Protocol Buffers made of these bytes, ours make, too. Where C
/// and Google disagree, Google is expected (decision 0024).
/// </summary>
public sealed class PayloadVectorTests
{
    private const string Refused = "reject: DecodeError";

    // Google's Python takes a zero tag for the end of the data; C and C# refuse it.
    private const string ZeroTag = "payload.field_zero";

    private static readonly JsonElement[] Vectors =
        [.. RepositoryFiles.Vectors("messi.json").GetProperty("vectors").EnumerateArray().Where(v => Text(v, "kind") == "payload")];

    // Google's C# reads it with replacement characters; C does not look, Python refuses.
    private const string InvalidText = "payload.invalid_utf8";

    // Google's C# does not write -0.0, which C, C++ and Python tell from 0.
    private static readonly string[] NegativeZeros = ["payload.fl_-0.0", "payload.db_-0.0"];

    private static readonly JsonFormatter Formatter =
        new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true).WithFormatEnumsAsIntegers(true));

    public static TheoryData<string> Names => [.. Vectors.Select(vector => Text(vector, "name")!).Except([.. NegativeZeros, InvalidText])];

    [Fact]
    public void Every_payload_is_here() => Assert.Equal(71, Names.Count + NegativeZeros.Length + 1);

    [Fact]
    [Covers("MESSI-072")]
    public void Text_that_is_no_UTF_8_is_read_with_replacement_characters()
        => Assert.Equal("\uFFFD\uFFFD", ClientToServer.Parser.ParseFrom(Find(InvalidText).Bytes).Scalars.St);

    [Fact]
    [Covers("MESSI-072")]
    public void Negative_zeros_are_read_and_not_written()
    {
        foreach (var name in NegativeZeros)
        {
            var message = ClientToServer.Parser.ParseFrom(Find(name).Bytes);
            Assert.True(double.IsNegative(message.Scalars.Fl) || double.IsNegative(message.Scalars.Db));
            Assert.Equal("0a00", Hex(message));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    [Covers("MESSI-072", "MESSI-073")]
    public void Payload_is_read(string name)
    {
        var (bytes, parsed) = Find(name);
        if (IsRefused(name, parsed))
        {
            Assert.Throws<InvalidProtocolBufferException>(() => ClientToServer.Parser.ParseFrom(bytes));
            return;
        }

        var message = ClientToServer.Parser.ParseFrom(bytes);
        var fields = JsonNode.Parse(Formatter.Format(message));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(parsed.GetProperty("fields").GetRawText()), fields), $"{fields}");
        Assert.Equal(Text(parsed, "member")?.Replace("_", "", StringComparison.Ordinal) ?? "none", $"{message.MessagesCase}",
            ignoreCase: true);
        Assert.Equal(Text(parsed, "google_python_reencode"), Hex(message));
        var known = ClientToServer.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes);
        Assert.Equal(Text(parsed, "google_python_reencode_without_unknown"), Hex(known));
    }

    [Theory]
    [MemberData(nameof(Names))]
    [Covers("MESSI-071")]
    public void Payload_is_written_to_the_byte(string name)
    {
        var (_, parsed) = Find(name);
        if (IsRefused(name, parsed))
            return;

        var message = JsonParser.Default.Parse<ClientToServer>(parsed.GetProperty("fields").GetRawText());
        var expected = Text(parsed, "google_python_reencode_without_unknown")!;
        Assert.Equal(expected, Hex(message));
        Assert.Equal(expected, WithoutWrapper(message));
    }

    // As senders here write it: the outside by hand, and nothing but the member's own object.
    private static string WithoutWrapper(ClientToServer message)
    {
        if (message.MessagesCase == ClientToServer.MessagesOneofCase.None)
            return "";

        var field = ClientToServer.Descriptor.FindFieldByNumber((int)message.MessagesCase);
        var member = (IMessage)field.Accessor.GetValue(message);
        var header = new byte[MessiMember.HeaderLengthMax];
        var length = MessiMember.WriteHeader(header, field.FieldNumber, member.CalculateSize());
        return Convert.ToHexStringLower([.. header.AsSpan(0, length), .. member.ToByteArray()]);
    }

    private static bool IsRefused(string name, JsonElement parsed) =>
        name == ZeroTag || Text(parsed, "google_python_reencode") == Refused;

    private static (byte[] Bytes, JsonElement Parsed) Find(string name)
    {
        var vector = Vectors.Single(vector => Text(vector, "name") == name);
        return (Convert.FromHexString(Text(vector, "hex")!), vector.GetProperty("parsed"));
    }

    private static string Hex(ClientToServer message) => Convert.ToHexStringLower(message.ToByteArray());

    private static string? Text(JsonElement element, string property) => element.GetProperty(property).GetString();
}

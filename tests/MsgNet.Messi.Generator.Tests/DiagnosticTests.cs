using Microsoft.CodeAnalysis;
using MsgNet.Messi.Emitter;

namespace MsgNet.Messi.Generator.Tests;

/// <summary>What is said of a protocol that nothing can be generated for: where, under which id, and how it is mended.</summary>
public sealed class DiagnosticTests
{
    private const string Attribute = "MsgNet.Messi.MessiProtocol(typeof(global::Chat.ClientToServer), typeof(global::Chat.ServerToClient))";

    [Theory]
    [Covers("MESSI-095")]
    [InlineData("MSGNETMESSI001", "Talk must be partial, as the rest of it is generated: write 'partial class Talk'.", "class Talk;")]
    [InlineData("MSGNETMESSI002", "Talk is generic: declare it as 'partial class Talk' directly in a namespace.",
        "partial class Talk<T>;")]
    [InlineData("MSGNETMESSI002", "Talk is static: declare it as 'partial class Talk' directly in a namespace.",
        "static partial class Talk;")]
    [InlineData("MSGNETMESSI002", "Talk is a record: declare it as 'partial class Talk' directly in a namespace.",
        "public partial record Talk;")]
    [InlineData("MSGNETMESSI002", "Talk is local to its file: declare it as 'partial class Talk' directly in a namespace.",
        "file partial class Talk;")]
    public void A_class_that_cannot_be_completed(string id, string message, string declaration) =>
        AssertSingle(id, message, $"[{Attribute}] {declaration}");

    [Fact]
    [Covers("MESSI-095")]
    public void A_class_within_another() => AssertSingle(
        "MSGNETMESSI002",
        "Talk is a part of Outer: declare it as 'partial class Talk' directly in a namespace.",
        $"partial class Outer {{ [{Attribute}] partial class Talk; }}");

    [Theory]
    [Covers("MESSI-095")]
    [InlineData("int")]
    [InlineData("string[]")]
    [InlineData("System.Collections.Generic.List<>")]
    [InlineData("Google.Protobuf.IMessage")]
    [InlineData("Mine")]
    public void A_type_that_is_no_message(string type)
    {
        var source = $$"""
            [MsgNet.Messi.MessiProtocol(typeof({{type}}), typeof(Chat.ServerToClient))] public partial class Talk;
            class Mine { public enum MessagesOneofCase { None, Some } }
            """;
        var diagnostic = Assert.Single(Compilations.Run(source).Diagnostics);
        Assert.Equal("MSGNETMESSI003", diagnostic.Id);
        Assert.Contains(" is no class that protoc made: ", diagnostic.GetMessage(null), StringComparison.Ordinal);
    }

    [Theory]
    [Covers("MESSI-095", "MESSI-074")]
    [InlineData("MSGNETMESSI004", "NoOneof", "ClientToServer has no oneof: put the messages into 'oneof messages { … }'.")]
    [InlineData("MSGNETMESSI005", "TwoOneofs",
        "ClientToServer has 2 oneofs (Messages, Others): keep one, called messages, and move the others into messages of their own.")]
    [InlineData("MSGNETMESSI006", "WrongName",
        "The oneof in ServerToClient must be called messages, not Msgs: rename it, which changes nothing on the wire.")]
    [InlineData("MSGNETMESSI009", "Empty",
        "ServerToClient has no messages, so no code is generated for Talk: add 'oneof messages { … }' with one at least.")]
    public void A_message_that_is_not_as_it_should_be(string id, string package, string message) =>
        AssertSingle(id, message, Compilations.Protocol("Talk", package + "."));

    [Fact]
    [Covers("MESSI-095")]
    public void Every_member_that_is_no_message_is_named()
    {
        const string End = ": make a message with this field, and let the member have its type.";
        Assert.Equal(
            [
                "The member Text of ClientToServer is no message but string" + End,
                "The member Level of ServerToClient is no message but global::Scalars.Level" + End,
                "The member Wrapped of ServerToClient is no message but int?" + End,
            ],
            MessagesOf("MSGNETMESSI007", Compilations.Protocol("Talk", "Scalars.")));
    }

    [Fact]
    [Covers("MESSI-095")]
    public void Every_name_that_is_there_twice_is_told()
    {
        const string Client = "ClashesClient would have two members called ";
        const string End = ": rename one in the .proto file, which changes nothing on the wire.";
        Assert.Equal(
            [
                Client + "OnConnectFailed, the handler of ConnectFailed and a member of MessiClient" + End,
                Client + "Send, the call of SendReq and SendRsp and a member of MessiClient" + End,
                Client + "ClashesClient, the call of ClashesClientReq and ClashesClientRsp and the class itself" + End,
                Client + "State, the call of StateReq and StateRsp and a member of MessiClient" + End,
                "ClashesServer would have two members called OnConnected, the handler of Connected and a member of MessiServer" + End,
            ],
            MessagesOf("MSGNETMESSI008", Compilations.Protocol("Clashes", "Clashes.")));
    }

    [Fact]
    [Covers("MESSI-095")]
    public void A_public_class_of_messages_that_are_not() => AssertSingle(
        "MSGNETMESSI010",
        "Talk is public but ToServer is not: write 'internal partial class Talk', or let protoc make public classes.",
        """
        [MsgNet.Messi.MessiProtocol(typeof(ToServer), typeof(Chat.ServerToClient))] public partial class Talk;
        internal abstract class ToServer : Google.Protobuf.IMessage<ToServer>
        {
            public const int MessageIndFieldNumber = 2;
            public enum MessagesOneofCase { None = 0, MessageInd = 2 }
            public Chat.MessageInd MessageInd { get; set; } = null!;
            public abstract Google.Protobuf.Reflection.MessageDescriptor Descriptor { get; }
            public abstract int CalculateSize();
            public abstract ToServer Clone();
            public abstract bool Equals(ToServer? other);
            public abstract void MergeFrom(ToServer message);
            public abstract void MergeFrom(Google.Protobuf.CodedInputStream input);
            public abstract void WriteTo(Google.Protobuf.CodedOutputStream output);
        }
        """);

    [Theory]
    [InlineData("MsgNet.Messi.MessiProtocol(typeof(Nowhere), typeof(Chat.ServerToClient))")]
    [InlineData("MsgNet.Messi.MessiProtocol(typeof(Chat.ServerToClient))")]
    [InlineData("MsgNet.Messi.MessiProtocol(null!, typeof(Chat.ServerToClient))")]
    [InlineData(Attribute, "struct")]
    public void What_the_compiler_refuses_is_left_to_it(string attribute, string kind = "class")
    {
        var result = Compilations.Run($"[{attribute}] public partial {kind} Talk;");
        Assert.Null(result.Exception);
        Assert.Empty(result.Diagnostics);
        Assert.Empty(result.GeneratedSources);
    }

    [Fact]
    public void Ids_stay_and_only_a_note_is_no_error()
    {
        var kinds = Enum.GetValues<MessiFaultKind>();
        Assert.Equal(10, kinds.Length);
        Assert.Equal("MSGNETMESSI001", MessiFaults.Id(kinds[0]));
        Assert.Equal("MSGNETMESSI010", MessiFaults.Id(kinds[9]));
        Assert.All(kinds, kind => Assert.Equal(
            kind == MessiFaultKind.NothingToSend ? DiagnosticSeverity.Info : DiagnosticSeverity.Error,
            MessiDiagnostics.Of(kind).DefaultSeverity));
    }

    private static void AssertSingle(string id, string message, string source)
    {
        var result = Compilations.Run(source);
        var diagnostic = Assert.Single(result.Diagnostics);
        Assert.Equal((id, message), (diagnostic.Id, diagnostic.GetMessage(null)));
        Assert.Empty(result.GeneratedSources);

        var place = diagnostic.Location.SourceSpan;
        Assert.StartsWith("MsgNet.Messi.MessiProtocol(", source[place.Start..place.End], StringComparison.Ordinal);
        Assert.Equal("0.cs", diagnostic.Location.GetLineSpan().Path);
    }

    private static IEnumerable<string> MessagesOf(string id, string source)
    {
        var result = Compilations.Run(source);
        Assert.Empty(result.GeneratedSources);
        Assert.All(result.Diagnostics, diagnostic => Assert.Equal(id, diagnostic.Id));
        return result.Diagnostics.Select(diagnostic => diagnostic.GetMessage(null));
    }
}

using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.Reflection;
using MsgNet.Messi.Emitter;

namespace MsgNet.Cli.Messi;

/// <summary>A <c>.proto</c> file with all that it imports, as protoc describes them.</summary>
internal sealed class ProtoFile
{
    private const string Wrappers = "google/protobuf/wrappers.proto";

    private readonly FileDescriptorProto file;

    /// <summary>Full names of the messages, with a dot in front, and their types in C#.</summary>
    private readonly Dictionary<string, string> types = [];

    private ProtoFile(FileDescriptorProto file, IEnumerable<FileDescriptorProto> all)
    {
        this.file = file;

        // The wrappers are no messages in C# but numbers and texts that may be null.
        foreach (var each in all.Where(each => each.Name != Wrappers))
        {
            var space = CSharpNames.Namespace(each);
            AddTypes(each.MessageType, Prefix(each), space.Length == 0 ? "global::" : $"global::{space}.");
        }
    }

    /// <summary>Its class, from its name.</summary>
    public string ClassName => CSharpNames.Class(file.Name);

    /// <summary>Reads the last file of a set, which is the one that protoc was asked for.</summary>
    public static ProtoFile ReadLast(byte[] descriptorSet)
    {
        var files = Parse(descriptorSet);
        return new ProtoFile(files[^1], files);
    }

    /// <summary>Reads the file of a set that is called so, or that stands so in some folder.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static ProtoFile Read(byte[] descriptorSet, string name)
    {
        var files = Parse(descriptorSet);
        var found = files.FirstOrDefault(each => each.Name == name)
            ?? files.FirstOrDefault(each => ("/" + each.Name).EndsWith("/" + Path.GetFileName(name), StringComparison.Ordinal));
        return found is not null
            ? new ProtoFile(found, files)
            : throw new InvalidDataException($"There is no {name} in the set, but {string.Join(", ", files.Select(each => each.Name))}.");
    }

    /// <summary>A message of the file itself; null when there is none.</summary>
    public MessiMessage? Find(string name)
    {
        if (file.MessageType.FirstOrDefault(each => each.Name == name) is not { } message)
            return null;

        var oneofs = message.OneofDecl
            .Select((oneof, index) => (oneof.Name, Fields: message.Field.Where(field => IsMember(field, index)).ToArray()))
            .Where(oneof => oneof.Fields.Length > 0)
            .Select(oneof => new MessiOneof(
                oneof.Name, new EquatableArray<MessiMember>(oneof.Fields.Select(field => Member(field, message.Name)))));
        return new MessiMessage(name, types[Prefix(file) + name], message.Field.Count > 0, new EquatableArray<MessiOneof>(oneofs));
    }

    // protoc puts each optional field into a oneof of its own, which is none in the file.
    private static bool IsMember(FieldDescriptorProto field, int oneof) =>
        field.HasOneofIndex && field.OneofIndex == oneof && !field.Proto3Optional;

    private static string Prefix(FileDescriptorProto file) => file.Package.Length == 0 ? "." : $".{file.Package}.";

    private static RepeatedField<FileDescriptorProto> Parse(byte[] descriptorSet)
    {
        try
        {
            return FileDescriptorSet.Parser.ParseFrom(descriptorSet).File is { Count: > 0 } files
                ? files
                : throw new InvalidDataException("The descriptor set holds no file.");
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new InvalidDataException($"This is no descriptor set of protoc: {error.Message}", error);
        }
    }

    private void AddTypes(IEnumerable<DescriptorProto> messages, string path, string space)
    {
        // By hand: types nest as deep as a file says.
        var open = new Stack<(DescriptorProto Message, string Path, string Space)>(messages.Select(message => (message, path, space)));
        while (open.TryPop(out var next))
        {
            var (fullName, type) = (next.Path + next.Message.Name, next.Space + next.Message.Name);
            types[fullName] = type;
            foreach (var nested in next.Message.NestedType)
                open.Push((nested, fullName + ".", type + ".Types."));
        }
    }

    private MessiMember Member(FieldDescriptorProto field, string message)
    {
        var property = CSharpNames.Property(field.Name, message);
        var isMessage = field.Type == FieldDescriptorProto.Types.Type.Message && types.ContainsKey(field.TypeName);
        var type = isMessage ? types[field.TypeName] : field.HasTypeName ? field.TypeName[1..] : field.Type.ToString().ToLowerInvariant();
        return new MessiMember(property, CSharpNames.Case(property), field.Number, type, isMessage);
    }
}

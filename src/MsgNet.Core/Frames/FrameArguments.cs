namespace MsgNet.Core;

/// <summary>Refuses what no frame can carry: mistakes of our own caller, never of the peer.</summary>
internal static class FrameArguments
{
    public static void CheckName(ReadOnlySpan<byte> name)
    {
        if (!InitFrame.IsName(name))
        {
            throw new ArgumentException(
                $"A name of {name.Length} bytes cannot stand in an INIT: use 1 to {Limits.ProtocolNameMax} printable ASCII characters.",
                nameof(name));
        }
    }

    public static void CheckProtocolInt(ushort protocolInt)
    {
        if (protocolInt == 0)
            throw new ArgumentException("0 numbers no protocol: use 1 to 65535.", nameof(protocolInt));
    }

    public static void CheckId(ulong id)
    {
        if (id is 0 or > Uvarint.ValueMax)
            throw new ArgumentException($"{id} is no id: they count from 1, see OutgoingIds.", nameof(id));
    }

    public static void CheckKind(TaggedKind kind)
    {
        if (kind is not (TaggedKind.Once or TaggedKind.Request))
            throw new ArgumentException($"A TAGGED cannot be of kind {(byte)kind}: use Once or Request.", nameof(kind));
    }

    public static void CheckPiece(int index, int count, ReadOnlySpan<byte> bytes)
    {
        if (count is < FragmentFrame.CountMin or > Limits.FragmentsMax || (uint)index >= (uint)count || bytes.IsEmpty)
        {
            throw new ArgumentException(
                $"Piece {index} of {count} with {bytes.Length} bytes cannot be sent: use 2 to {Limits.FragmentsMax} pieces, none empty.",
                nameof(index));
        }
    }

    public static void CheckText(ReadOnlySpan<byte> text)
    {
        if (!CloseFrame.IsText(text))
            throw new ArgumentException($"The text of a CLOSE is UTF-8 of at most {CloseFrame.TextLengthMax} bytes.", nameof(text));
    }
}

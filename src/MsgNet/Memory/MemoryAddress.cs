using System.Buffers.Binary;
using System.Globalization;

namespace MsgNet;

/// <summary>Addresses of the form <c>/memory/N</c>.</summary>
internal static class MemoryAddress
{
    public static Multiaddress Of(ulong number) => Multiaddress.Parse(string.Create(CultureInfo.InvariantCulture, $"/memory/{number}"));

    /// <summary>Reads <c>/memory/N</c> with nothing behind it.</summary>
    public static bool TryRead(Multiaddress address, out ulong number)
    {
        var components = address.Components;
        number = 0;
        if (components.Count != 1 || components[0].Protocol != MultiaddressProtocols.Memory)
            return false;

        number = BinaryPrimitives.ReadUInt64BigEndian(components[0].ValueBytes);
        return true;
    }
}

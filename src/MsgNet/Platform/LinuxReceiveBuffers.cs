using System.Runtime.InteropServices;
using static MsgNet.Platform.LinuxSocketCalls;

namespace MsgNet.Platform;

/// <summary>
/// Memory for what one <c>recvmmsg</c> brings: places of the largest size for several messages. The system gives memory to those places
/// only, and to as much of them, as datagrams have filled; with short ones that is a page each.
/// </summary>
internal sealed unsafe class LinuxReceiveBuffers : IDisposable
{
    private const int NameSpace = 32; // of 28 bytes, the address of IPv6
    private byte* block;
    private int dirty;

    /// <param name="count">Messages one call may bring.</param>
    /// <param name="bytesMax">The longest.</param>
    public LinuxReceiveBuffers(int count, int bytesMax)
    {
        var placeLength = (nuint)bytesMax;
        dirty = count;
        var heads = (nuint)count * (nuint)(sizeof(ReceivedMessage) + sizeof(Part) + NameSpace + ControlSpace);
        block = (byte*)NativeMemory.AllocZeroed(heads + ((nuint)count * placeLength));
        Messages = (ReceivedMessage*)block;
        var parts = (Part*)(Messages + count);
        var names = (byte*)(parts + count);
        var controls = names + (count * NameSpace);
        var places = controls + (count * ControlSpace);
        for (var i = 0; i < count; i++)
        {
            parts[i] = new Part { Start = places + ((nuint)i * placeLength), Length = placeLength };
            Messages[i].Header = new MessageHeader
            {
                Name = names + (i * NameSpace),
                Parts = parts + i,
                PartCount = 1,
                Control = controls + (i * ControlSpace),
            };
        }
    }

    /// <summary>The messages, for the system to fill.</summary>
    public ReceivedMessage* Messages { get; }

    /// <summary>Makes the places that were filled ready for others.</summary>
    public void Reset()
    {
        for (var i = 0; i < dirty; i++)
        {
            ref var header = ref Messages[i].Header;
            header.NameLength = NameSpace;
            header.ControlLength = (nuint)ControlSpace;
            header.Flags = 0;
        }

        dirty = 0;
    }

    /// <summary>So many places were filled.</summary>
    public void OnFilled(int places) => dirty = places;

    /// <summary>The address a message came from, as the system writes it.</summary>
    public ReadOnlySpan<byte> Name(int index) => new(Messages[index].Header.Name, NameSpace);

    /// <summary>A message's bytes.</summary>
    public byte* Bytes(int index, out int length)
    {
        length = (int)Messages[index].Length;
        return Messages[index].Header.Parts->Start;
    }

    /// <summary>The size of the datagrams that the system joined into a message; 0 when it is a single one.</summary>
    public int SegmentSize(int index)
    {
        ref var header = ref Messages[index].Header;
        if (header.ControlLength < (nuint)(ControlHeaderLength + sizeof(int)))
            return 0;

        var control = (ControlHeader*)header.Control;
        return control->Level == LevelUdp && control->Type == OptionGro ? *(int*)(header.Control + ControlHeaderLength) : 0;
    }

    public void Dispose()
    {
        NativeMemory.Free(block);
        block = null;
    }
}

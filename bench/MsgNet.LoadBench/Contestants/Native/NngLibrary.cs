using System.Runtime.InteropServices;

namespace MsgNet.LoadBench.Contestants.Native;

/// <summary>The part of nng 1 that is used. A socket is a number in a structure, passed by value.</summary>
internal static unsafe partial class NngLibrary
{
    public const string File = "libnng.so.1";
    public const string Package = "libnng1";


    /// <summary>Most messages of a queue.</summary>
    public const int QueueMax = 8_192;

    [LibraryImport(File, EntryPoint = "nng_pair0_open")]
    public static partial int OpenPair(uint* socket);

    [LibraryImport(File, EntryPoint = "nng_close")]
    public static partial int Close(uint socket);

    [LibraryImport(File, EntryPoint = "nng_listen", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Listen(uint socket, string address, void* listener, int flags);

    [LibraryImport(File, EntryPoint = "nng_dial", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Dial(uint socket, string address, void* dialer, int flags);

    [LibraryImport(File, EntryPoint = "nng_socket_set_int", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetNumber(uint socket, string option, int value);

    [LibraryImport(File, EntryPoint = "nng_socket_set_ms", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetMilliseconds(uint socket, string option, int value);

    [LibraryImport(File, EntryPoint = "nng_send")]
    public static partial int Send(uint socket, byte* bytes, nuint length, int flags);

    [LibraryImport(File, EntryPoint = "nng_recv")]
    public static partial int Receive(uint socket, byte* bytes, nuint* length, int flags);
}

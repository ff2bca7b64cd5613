using System.Runtime.InteropServices;

namespace MsgNet.LoadBench.Contestants.Native;

/// <summary>The part of libzmq 4 that is used.</summary>
internal static unsafe partial class ZeroLibrary
{
    public const string File = "libzmq.so.5";
    public const string Package = "libzmq5";
    public const int KeyTextLength = 41; // 40 characters and a zero

    [LibraryImport(File, EntryPoint = "zmq_ctx_new")]
    public static partial void* NewContext();

    [LibraryImport(File, EntryPoint = "zmq_ctx_term")]
    public static partial int EndContext(void* context);

    [LibraryImport(File, EntryPoint = "zmq_socket")]
    public static partial void* OpenSocket(void* context, SocketKind kind);

    [LibraryImport(File, EntryPoint = "zmq_close")]
    public static partial int Close(void* socket);

    [LibraryImport(File, EntryPoint = "zmq_setsockopt")]
    public static partial int SetOption(void* socket, SocketOption option, void* value, nuint length);

    [LibraryImport(File, EntryPoint = "zmq_bind", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Bind(void* socket, string address);

    [LibraryImport(File, EntryPoint = "zmq_connect", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Connect(void* socket, string address);

    [LibraryImport(File, EntryPoint = "zmq_send", SetLastError = true)]
    public static partial int Send(void* socket, byte* bytes, nuint length, int flags);

    [LibraryImport(File, EntryPoint = "zmq_recv", SetLastError = true)]
    public static partial int Receive(void* socket, byte* bytes, nuint length, int flags);

    [LibraryImport(File, EntryPoint = "zmq_curve_keypair")]
    public static partial int MakeKeys(byte* publicText, byte* secretText);

    /// <summary>Patterns.</summary>
    public enum SocketKind
    {
        Pair = 0,
        Pull = 7,
        Push = 8,
    }

    /// <summary>Options of a socket.</summary>
    public enum SocketOption
    {
        Linger = 17,
        SendQueueMax = 23,
        ReceiveQueueMax = 24,
        ReceiveTimeout = 27,
        SendTimeout = 28,
        CurveServer = 47,
        CurvePublicKey = 48,
        CurveSecretKey = 49,
        CurveServerKey = 50,
    }
}

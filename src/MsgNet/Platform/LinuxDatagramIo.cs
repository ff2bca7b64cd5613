using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using MsgNet.Core;
using static MsgNet.Platform.LinuxSocketCalls;

namespace MsgNet.Platform;

/// <summary>
/// Runs of datagrams in one call (UDP_SEGMENT out, UDP_GRO in), and single ones of many senders in one call as well (<c>recvmmsg</c>).
/// </summary>
/// <remarks>
/// While runs come, one message is received at a time, always into the same memory, which stays in the processor's cache; while single
/// datagrams come, several. When it was one alone, the next is not kept waiting for a look behind it, most of the time.
/// </remarks>
internal sealed unsafe class LinuxDatagramIo : IDatagramIo
{
    private const int MessagesMax = 16;
    private const int LonersPerLook = 8;
    private const int NameLengthMax = 28;
    private const int NameLengthIPv4 = 16;

    private readonly SafeSocketHandle handle;
    private readonly AddressFamily family;
    private readonly int localPort;
    private readonly LinuxReceiveBuffers buffers;
    private readonly ReceivedRun[] received = new ReceivedRun[MessagesMax];
    private bool runsCome;

    // Single datagrams in turn behind which there was no other, or nobody looked.
    private int loners;

    private LinuxDatagramIo(Socket socket, int localPort, int datagramMax, bool sendsRuns)
    {
        handle = socket.SafeHandle;
        family = socket.AddressFamily;
        this.localPort = localPort;
        buffers = new LinuxReceiveBuffers(MessagesMax, datagramMax);
        SendsRuns = sendsRuns;
    }

    /// <summary>Runs leave in one call; false where the kernel, or once a device of this port, was found not to take them.</summary>
    public bool SendsRuns { get; private set; }

    /// <summary>Datagrams that leave in one call; fewer once the kernel was found not to take as many.</summary>
    public int RunMax { get; set; } = Limits.RunDatagramsMax;

    /// <inheritdoc/>
    public bool MayHoldMore { get; private set; }

    /// <summary>Takes over a socket; false where the kernel has not what it takes, and the portable way has to do.</summary>
    public static bool TryOpen(
        Socket socket, int localPort, int datagramMax, bool segmentationOffload, [NotNullWhen(true)] out LinuxDatagramIo? io)
    {
        io = null;
        if (!OperatingSystem.IsLinux() || !HasCalls(socket))
            return false;

        // API-231. Where the kernel does not join what arrives each datagram comes alone, and everything else stays.
        if (segmentationOffload)
            TrySetOption(socket, OptionGro, 1);
        io = new LinuxDatagramIo(socket, localPort, datagramMax, segmentationOffload && TrySetOption(socket, OptionSegment, 0));
        return true;
    }

    /// <inheritdoc/>
    public int Send(in NetAddress to, ReadOnlySpan<byte> datagrams, int segmentSize)
    {
        var run = new DatagramRun(datagrams.Length, segmentSize);
        var name = stackalloc byte[NameLengthMax];
        if (!SystemSocketAddress.TryWrite(to, family, new Span<byte>(name, NameLengthMax)))
            return run.Count;

        *(ushort*)name = (ushort)(family == AddressFamily.InterNetwork ? AddressFamilyIPv4 : AddressFamilyIPv6);
        return SendsRuns && datagrams.Length <= Limits.RunBytesMax
            ? SendInRuns(name, datagrams, segmentSize)
            : SendSingly(name, datagrams, run);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<ReceivedRun> Receive(bool wait, out SocketError error)
    {
        error = SocketError.Success;
        buffers.Reset();
        var looks = loners % LonersPerLook == 0;
        var room = runsCome || !looks ? 1 : MessagesMax;
        var got = LinuxSocketCalls.Receive(handle, buffers.Messages, (uint)room, wait ? FlagWaitForOne : FlagDontWait, null);
        MayHoldMore = false;
        if (got <= 0)
        {
            error = got < 0 ? Explain(Marshal.GetLastSystemError()) : SocketError.Success;
            return [];
        }

        buffers.OnFilled(got);
        MayHoldMore = got == room && (runsCome || looks);
        loners = got == 1 ? loners + 1 : 0;
        runsCome = false;
        var runs = 0;
        for (var i = 0; i < got; i++)
        {
            if (TryTake(i, out received[runs]))
                runs++;
            else
                error = SocketError.MessageSize;
        }

        if (runsCome)
            loners = 0;
        return received.AsSpan(0, runs);
    }

    /// <inheritdoc/>
    public void Dispose() => buffers.Dispose();

    // False when something of it was cut off; of a run then the whole datagrams are lost too, as they would be by any other loss.
    private bool TryTake(int index, out ReceivedRun run)
    {
        run = default;
        var bytes = buffers.Bytes(index, out var length);
        var segmentSize = buffers.SegmentSize(index);
        runsCome |= segmentSize > 0 && segmentSize < length;
        if ((buffers.Messages[index].Header.Flags & FlagTruncated) != 0)
            return false;

        var from = SystemSocketAddress.Read(family, buffers.Name(index), localPort);
        run = new ReceivedRun(from, bytes, length, segmentSize > 0 ? segmentSize : length);
        return true;
    }

    private int SendInRuns(byte* name, ReadOnlySpan<byte> datagrams, int segmentSize)
    {
        var refused = 0;
        var most = RunMax;
        do
        {
            var part = datagrams[..Math.Min(datagrams.Length, most * segmentSize)];
            var run = new DatagramRun(part.Length, segmentSize);
            if (TrySend(name, part, run.Count == 1 ? 0 : segmentSize, out var error))
            {
                // API-202. What is invalid may be the address: it was the length when a shorter run passes.
                RunMax = most;
            }
            else if (error == ErrorInvalid && run.Count > Limits.RunDatagramsMin)
            {
                most = Math.Max(most / 2, Limits.RunDatagramsMin);
                continue;
            }
            else
            {
                refused += SendRefused(name, part, run, error);
            }

            datagrams = datagrams[part.Length..];
        }
        while (!datagrams.IsEmpty && SendsRuns); // asked last: no bytes are one datagram, too

        return datagrams.IsEmpty ? refused : refused + SendSingly(name, datagrams, new DatagramRun(datagrams.Length, segmentSize));
    }

    private int SendRefused(byte* name, ReadOnlySpan<byte> datagrams, DatagramRun run, int error)
    {
        if (run.Count == 1 || error is not (ErrorIo or ErrorInvalid or ErrorMessageSize))
            return run.Count;

        // API-202: not all devices and paths through the kernel take runs. When single ones do not pass either, it was not that.
        var lost = SendSingly(name, datagrams, run);
        SendsRuns = lost == run.Count;
        return lost;
    }

    private int SendSingly(byte* name, ReadOnlySpan<byte> datagrams, DatagramRun run)
    {
        var refused = 0;
        while (run.TryNext(out var datagram))
            refused += TrySend(name, datagrams[datagram], 0, out _) ? 0 : 1;
        return refused;
    }

    private bool TrySend(byte* name, ReadOnlySpan<byte> bytes, int segmentSize, out int error)
    {
        error = 0;
        var control = stackalloc byte[ControlSpace];
        fixed (byte* start = bytes)
        {
            var part = new Part { Start = start, Length = (nuint)bytes.Length };
            var message = new MessageHeader
            {
                Name = name,
                NameLength = (uint)(family == AddressFamily.InterNetwork ? NameLengthIPv4 : NameLengthMax),
                Parts = &part,
                PartCount = 1,
            };
            if (segmentSize > 0)
            {
                message.Control = control;
                message.ControlLength = (nuint)ControlSpace;
                *(ControlHeader*)control = new ControlHeader
                {
                    Length = (nuint)(ControlHeaderLength + sizeof(ushort)),
                    Level = LevelUdp,
                    Type = OptionSegment,
                };
                *(ushort*)(control + ControlHeaderLength) = (ushort)segmentSize;
            }

            do
            {
                if (LinuxSocketCalls.Send(handle, &message, 0) >= 0)
                    return true;
                error = Marshal.GetLastSystemError();
            }
            while (error == ErrorInterrupted);
        }

        return false;
    }

    private static SocketError Explain(int error) => error switch
    {
        ErrorAgain or ErrorInterrupted => SocketError.Success,
        ErrorRefused => SocketError.ConnectionRefused,
        ErrorMessageSize => SocketError.MessageSize,
        _ => SocketError.SocketError,
    };

    private static bool HasCalls(Socket socket)
    {
        try
        {
            return LinuxSocketCalls.Receive(socket.SafeHandle, null, 0, FlagDontWait, null) >= 0;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return false; // another C library
        }
    }

    private static bool TrySetOption(Socket socket, int option, int value)
    {
        try
        {
            socket.SetRawSocketOption(LevelUdp, option, BitConverter.GetBytes(value));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

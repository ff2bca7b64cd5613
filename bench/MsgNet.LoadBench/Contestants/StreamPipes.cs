using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MsgNet.LoadBench.Contestants;

/// <summary>TCP by Pipelines, each message after its length; with or without TLS 1.3 and a certificate of its own.</summary>
internal sealed class StreamPipes(bool isSecret) : IContestant
{
    private const int HeaderLength = sizeof(int);
    private const int FlushAtBytes = 60_000;
    private static readonly StreamPipeReaderOptions Reading = new(bufferSize: 64 * 1024, minimumReadSize: 4096);
    private static readonly StreamPipeWriterOptions Writing = new(minimumBufferSize: 64 * 1024);

    public string Name => isSecret ? "TLS 1.3, Pipelines" : "TCP, Pipelines";

    public string? Missing => null;

    public bool IsForLinks => false;

    public bool CanDo(LoadWork work) => true;

    public Task<IListener> Listen(LoadWork work) => Task.FromResult<IListener>(new Listener(isSecret, work));

    public async Task<ICaller> Connect(LoadWork work, Target target)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, target.Port);
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (!isSecret)
            return new Caller(stream, work);

        // Who is there does not matter here; what the check of a certificate costs is no part of what is measured.
        var secret = new SslStream(stream, leaveInnerStreamOpen: false);
        await secret.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            EnabledSslProtocols = SslProtocols.Tls13,
#pragma warning disable CA5359
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
        });
        return new Caller(secret, work);
    }

    private static void Write(PipeWriter writer, ReadOnlySpan<byte> message)
    {
        var span = writer.GetSpan(HeaderLength + message.Length);
        BinaryPrimitives.WriteInt32LittleEndian(span, message.Length);
        message.CopyTo(span[HeaderLength..]);
        writer.Advance(HeaderLength + message.Length);
    }

    // One message off the front, copied nowhere.
    private static bool TryTake(ref SequenceReader<byte> reader, out ReadOnlySequence<byte> message)
    {
        message = default;
        if (!reader.TryReadLittleEndian(out int length))
            return false;
        if (reader.TryReadExact(length, out message))
            return true;

        reader.Rewind(HeaderLength);
        return false;
    }

    private sealed class Listener : IListener
    {
        private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly CancellationTokenSource stop = new();
        private readonly bool isSecret;
        private readonly bool answers;
        private readonly Task serving;
        private Count received;

        public Listener(bool isSecret, LoadWork work)
        {
            this.isSecret = isSecret;
            answers = work.Kind == LoadKind.RoundTrip;
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            socket.Listen();
            Target = new Target(((IPEndPoint)socket.LocalEndPoint!).Port, "");
            serving = Serve();
        }

        public Target Target { get; }

        public long Received => received.Value;

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await serving;
            socket.Dispose();
            stop.Dispose();
        }

        private async Task Serve()
        {
            try
            {
                var accepted = await socket.AcceptAsync(stop.Token);
                accepted.NoDelay = true;
                await using var stream = await Open(new NetworkStream(accepted, ownsSocket: true));
                await Read(PipeReader.Create(stream, Reading), PipeWriter.Create(stream, Writing));
            }
            catch (Exception error) when (error is OperationCanceledException or IOException)
            {
                // The measurement is over at one end or the other.
            }
        }

        private async Task<Stream> Open(Stream stream)
        {
            if (!isSecret)
                return stream;

            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
            using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            var secret = new SslStream(stream, leaveInnerStreamOpen: false);
            await secret.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions { ServerCertificate = certificate, EnabledSslProtocols = SslProtocols.Tls13 },
                stop.Token);
            return secret;
        }

        private async Task Read(PipeReader reader, PipeWriter writer)
        {
            while (true)
            {
                var result = await reader.ReadAsync(stop.Token);
                reader.AdvanceTo(Take(result.Buffer, writer), result.Buffer.End);
                if (writer.UnflushedBytes > 0)
                    await writer.FlushAsync(stop.Token);
                if (result.IsCompleted)
                    return;
            }
        }

        private SequencePosition Take(in ReadOnlySequence<byte> buffer, PipeWriter writer)
        {
            var reader = new SequenceReader<byte>(buffer);
            var count = 0;
            for (; TryTake(ref reader, out var message); count++)
            {
                if (answers)
                    Write(writer, message.IsSingleSegment ? message.FirstSpan : message.ToArray());
            }

            received.Add(count);
            return reader.Position;
        }
    }

    private sealed class Caller(Stream stream, LoadWork work) : ICaller
    {
        private readonly PipeWriter writer = PipeWriter.Create(stream, Writing);
        private readonly PipeReader reader = PipeReader.Create(stream, Reading);
        private readonly byte[] message = new byte[work.Size];
        private Count sent;

        public long Sent => sent.Value;

        public async Task Send(CancellationToken stop)
        {
            while (!stop.IsCancellationRequested)
            {
                while (writer.UnflushedBytes < FlushAtBytes)
                {
                    Write(writer, message);
                    sent.Add(1);
                }

                await writer.FlushAsync(CancellationToken.None);
            }
        }

        public async Task Ask(RoundTrips times, CancellationToken stop)
        {
            var start = Stopwatch.GetTimestamp();
            while (!stop.IsCancellationRequested)
            {
                Write(writer, message);
                await writer.FlushAsync(CancellationToken.None);
                sent.Add(1);
                await ReadOne();
                start = times.AddSince(start);
            }
        }

        public ValueTask DisposeAsync() => stream.DisposeAsync();

        private async ValueTask ReadOne()
        {
            while (true)
            {
                var result = await reader.ReadAsync(CancellationToken.None);
                if (TryTakeOne(result.Buffer, out var end))
                {
                    reader.AdvanceTo(end);
                    return;
                }

                reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                if (result.IsCompleted)
                    throw new EndOfStreamException("The other end closed the connection.");
            }
        }

        private static bool TryTakeOne(in ReadOnlySequence<byte> buffer, out SequencePosition end)
        {
            var reader = new SequenceReader<byte>(buffer);
            var taken = TryTake(ref reader, out _);
            end = reader.Position;
            return taken;
        }
    }
}

using System.Security.Cryptography;
using MsgNet;

namespace SendFile;

/// <summary>The protocol: the opener writes all bytes and completes its writes; the other end answers with their SHA-256.</summary>
internal static class Transfer
{
    public static readonly ProtocolId Protocol = "/send-file/1.0.0";

    public static async Task<(long Length, byte[] Hash)> Copy(Stream from, Stream to, Action<double> moved, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[64 * 1024];
        var length = 0L;
        while (await from.ReadAsync(buffer, cancellation) is var count and > 0)
        {
            hash.AppendData(buffer.AsSpan(0, count));
            await to.WriteAsync(buffer.AsMemory(0, count), cancellation);
            length += count;
            moved(count);
        }

        return (length, hash.GetHashAndReset());
    }

    /// <summary>Takes one file, and says so; returns why it broke off, if it did.</summary>
    public static async Task<string?> Receive(Stream stream, PeerId from, CancellationToken cancellation)
    {
        try
        {
            // Nothing is kept: a real program would copy to a file whose name it chose itself.
            Console.WriteLine($"receiving from {from}");
            var (length, hash) = await Copy(stream, Stream.Null, _ => { }, cancellation);
            await stream.WriteAsync(hash, cancellation);
            Console.WriteLine($"{length} bytes from {from}, SHA-256 {Convert.ToHexStringLower(hash)}");
            return null;
        }
        catch (IOException error)
        {
            return $"The file from {from} broke off: {error.Message}";
        }
    }

    /// <summary>Bytes that are the same every time.</summary>
    public static Stream MakeUp(int length)
    {
        var bytes = new byte[length];
        new Random(42).NextBytes(bytes);
        return new MemoryStream(bytes);
    }

    /// <summary>Says why, for exit code 1.</summary>
    public static int Fail(string why)
    {
        Console.Error.WriteLine(why);
        return 1;
    }
}

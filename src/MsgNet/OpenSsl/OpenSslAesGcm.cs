using System.Runtime.InteropServices;
using MsgNet.Core;

namespace MsgNet.OpenSsl;

/// <summary>
/// One context of OpenSSL's AES-256-GCM, for one direction: sets a key, then seals or opens packets in place. Freeing wipes it. One thread
/// at a time.
/// </summary>
internal sealed unsafe class OpenSslAesGcm : SafeHandle
{
    private const int TagLength = 16;
    private readonly bool seals;

    /// <summary>A context without a key. Only where <see cref="OpenSslCore.Aes256Gcm"/> is there.</summary>
    public OpenSslAesGcm(bool seals)
        : base(0, ownsHandle: true)
    {
        this.seals = seals;
        SetHandle(OpenSslCipher.New());
        if (IsInvalid || OpenSslCipher.Init(handle, OpenSslCore.Aes256Gcm, 0, null, null, seals ? 1 : 0) != 1)
            throw new InsufficientMemoryException("OpenSSL has no memory left for a key.");
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Expands 32 bytes; what was expanded before is overwritten.</summary>
    public void SetKey(byte* key) => Invariant.Check(OpenSslCipher.Init(handle, 0, 0, key, null, seals ? 1 : 0) == 1);

    /// <summary>Header as associated data, frames in place, the tag behind them.</summary>
    public void Seal(byte* packet, int plaintextLength, byte* nonce)
    {
        Invariant.Check(seals);
        var frames = packet + DataHeader.Length;
        int written;
        var succeeded = OpenSslCipher.Init(handle, 0, 0, null, nonce, 1) == 1
            && OpenSslCipher.Update(handle, null, &written, packet, DataHeader.Length) == 1
            && OpenSslCipher.Update(handle, frames, &written, frames, plaintextLength) == 1
            && OpenSslCipher.Final(handle, frames + plaintextLength, &written) == 1
            && OpenSslCipher.Control(handle, OpenSslCipher.GetTag, TagLength, frames + plaintextLength) == 1;
        Invariant.Check(succeeded);
    }

    /// <summary>The same backwards; false, and zeros, when it is forged.</summary>
    public bool TryOpen(byte* packet, int plaintextLength, byte* nonce)
    {
        Invariant.Check(!seals);
        var frames = packet + DataHeader.Length;
        int written;
        var succeeded = OpenSslCipher.Init(handle, 0, 0, null, nonce, 0) == 1
            && OpenSslCipher.Control(handle, OpenSslCipher.SetTag, TagLength, frames + plaintextLength) == 1
            && OpenSslCipher.Update(handle, null, &written, packet, DataHeader.Length) == 1
            && OpenSslCipher.Update(handle, frames, &written, frames, plaintextLength) == 1;
        Invariant.Check(succeeded);
        if (OpenSslCipher.Final(handle, frames + plaintextLength, &written) == 1)
            return true;

        new Span<byte>(frames, plaintextLength).Clear();
        return false;
    }

    protected override bool ReleaseHandle()
    {
        OpenSslCipher.Free(handle);
        return true;
    }
}

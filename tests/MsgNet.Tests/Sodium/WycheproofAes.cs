using MsgNet.OpenSsl;
using MsgNet.Sodium;

namespace MsgNet.Tests.Sodium;

/// <summary>Both bindings of AES-256-GCM with any nonce and any associated data, which packets do not have.</summary>
internal sealed unsafe class WycheproofAes(byte[] key, byte[] nonce, byte[] ad, AesLibraries library)
{
    private const int TagLength = 16;

    public byte[] Seal(byte[] message)
    {
        var ciphertext = new byte[message.Length + TagLength];
        fixed (byte* output = ciphertext, input = message, n = nonce, a = ad)
        {
            if (library == AesLibraries.Sodium)
            {
                using var state = Expanded();
                var sealing = (byte*)state.DangerousGetHandle();
                Assert.Equal(0, SodiumAeadAes256Gcm.Encrypt(
                    output, null, input, (ulong)message.Length, a, (ulong)ad.Length, null, n, sealing));
                return ciphertext;
            }

            var context = Context(seals: 1, n, a);
            int written;
            Assert.Equal(1, OpenSslCipher.Update(context, output, &written, input, message.Length));
            Assert.Equal(1, OpenSslCipher.Final(context, output + message.Length, &written));
            Assert.Equal(1, OpenSslCipher.Control(context, OpenSslCipher.GetTag, TagLength, output + message.Length));
            OpenSslCipher.Free(context);
        }

        return ciphertext;
    }

    public bool TryOpen(byte[] ciphertext, out byte[] message)
    {
        message = new byte[ciphertext.Length - TagLength];
        fixed (byte* output = message, input = ciphertext, n = nonce, a = ad)
        {
            if (library == AesLibraries.Sodium)
            {
                using var state = Expanded();
                var opening = (byte*)state.DangerousGetHandle();
                return SodiumAeadAes256Gcm.Decrypt(
                    output, null, null, input, (ulong)ciphertext.Length, a, (ulong)ad.Length, n, opening) == 0;
            }

            var context = Context(seals: 0, n, a);
            int written;
            Assert.Equal(1, OpenSslCipher.Control(context, OpenSslCipher.SetTag, TagLength, input + message.Length));
            Assert.Equal(1, OpenSslCipher.Update(context, output, &written, input, message.Length));
            var opened = OpenSslCipher.Final(context, output + message.Length, &written) == 1;
            OpenSslCipher.Free(context);
            return opened;
        }
    }

    private SecureMemory Expanded()
    {
        var state = SecureSlab.AesStates.Take();
        fixed (byte* k = key)
            Assert.Equal(0, SodiumAeadAes256Gcm.Expand((byte*)state.DangerousGetHandle(), k));

        return state;
    }

    private nint Context(int seals, byte* n, byte* a)
    {
        var context = OpenSslCipher.New();
        int written;
        fixed (byte* k = key)
            Assert.Equal(1, OpenSslCipher.Init(context, OpenSslCore.Aes256Gcm, 0, k, n, seals));

        Assert.True(ad.Length == 0 || OpenSslCipher.Update(context, null, &written, a, ad.Length) == 1);
        return context;
    }
}

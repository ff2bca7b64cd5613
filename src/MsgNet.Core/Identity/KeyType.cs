namespace MsgNet.Core;

/// <summary>The kinds of key a peer id can stand for, numbered as in libp2p's <c>PublicKey</c> message.</summary>
internal enum KeyType
{
    Rsa = 0,
    Ed25519 = 1,
    Secp256k1 = 2,
    Ecdsa = 3,
}

namespace MsgNet;

/// <summary>libsodium, which does all of MsgNet's cryptography, is not installed or too old. The message says how to install it.</summary>
public sealed class LibsodiumMissingException : DllNotFoundException
{
    private const string Advice =
        " Install it: 'apt-get install libsodium23' on Debian and Ubuntu, 'brew install libsodium' on macOS,"
        + " or add the NuGet package 'libsodium'.";

    /// <summary>Creates the exception with advice how to install the library.</summary>
    public LibsodiumMissingException()
        : this("libsodium was not found.", null)
    {
    }

    /// <summary>Creates the exception; advice how to install the library is added to <paramref name="message"/>.</summary>
    public LibsodiumMissingException(string message)
        : this(message, null)
    {
    }

    /// <summary>Creates the exception; advice how to install the library is added to <paramref name="message"/>.</summary>
    public LibsodiumMissingException(string message, Exception? innerException)
        : base(innerException is LibsodiumMissingException ? message : message + Advice, innerException)
    {
    }
}

namespace MsgNet.Cli;

/// <summary>How a process of this tool ends. CLI-003.</summary>
internal static class ExitCodes
{
    /// <summary>The job is done.</summary>
    public const int Done = 0;

    /// <summary>The job failed: unreachable, lost, nothing confirmed, interrupted.</summary>
    public const int Failed = 1;

    /// <summary>The environment is at fault: port taken, no libsodium, a file that cannot be read or written.</summary>
    public const int Environment = 2;

    /// <summary>Wrong usage.</summary>
    public const int Usage = 64;
}

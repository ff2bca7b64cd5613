namespace MsgNet;

/// <summary>One address or transport that was tried, and why it did not do.</summary>
/// <param name="Target">The address, or the transport's name.</param>
/// <param name="Error">What went wrong, in words.</param>
public sealed record DialAttempt(string Target, string Error);

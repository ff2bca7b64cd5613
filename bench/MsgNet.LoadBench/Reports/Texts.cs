namespace MsgNet.LoadBench.Reports;

/// <summary>What stands before the tables.</summary>
internal static class Texts
{
    public const string Goals = """
        Ratios are medians of the ratios of single rounds, in which both sides ran within the same minute. *By processor time* is the ratio of
        what the busier end takes for a message: what the rates would be with nothing else on the machine. MsgNet is sealed and both ends are
        authenticated; of the others only TLS and CURVE are.

        """;

    public const string OneWay = """
        Two processes on loopback, one sender, one receiver, each on a core of its own; the sender sends as fast as its flow control lets it,
        messages are counted where they arrive. Medians of rounds that take turns. CPU is the time of the whole process, kernel included, for
        each message that it sent or received; allocated is managed memory.

        """;

    public const string RoundTrips = """
        One message at a time, sent back by the other process. *Blocking UDP, C calls* is the floor. MsgNet answers in handlers on the receiving
        thread, at both ends; `await Request` beside it.

        """;
}

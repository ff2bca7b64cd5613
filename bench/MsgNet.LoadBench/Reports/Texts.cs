namespace MsgNet.LoadBench.Reports;

/// <summary>What stands before the tables.</summary>
internal static class Texts
{
    public const string Goals = """
        Ratios are medians of the ratios of single rounds, in which both sides ran within the same minute. *By processor time* is the
        ratio of what the busier end takes for a message: what the rates would be with nothing else on the machine. MsgNet is sealed and
        both ends are authenticated; of the others only TLS and CURVE are. Allocation is none where it is below 0.1 B: less than an
        object in 200 messages, which is what timers and pools of the runtime make. Rows without a figure to reach have one beyond, or
        stand beside others.

        """;

    public const string OneWay = """
        Two processes on loopback, one sender, one receiver, each on a core of its own; the sender sends as fast as its flow control
        lets it, messages are counted where they arrive. Medians of rounds that take turns. CPU is the time of the whole process, kernel
        included, for each message that it sent or received. Allocated is managed memory, the least of up to five times as long: what
        pools and windows still grow by is made once.

        """;

    public const string RoundTrips = """
        One message at a time, sent back by the other process. *Blocking UDP, C calls* is the floor. MsgNet answers in handlers on the
        receiving thread, at both ends; `await Request` beside it. Its threads look for 25 µs before they sleep, as by default, while
        answers come that soon; *spinning* ones look for 100 µs, *sleeping* ones (`ReceiveSpin` 0) sleep at once, as the floor does.
        *Spinning UDP, C calls* never sleeps: what its p99 is above its median is the machine's.

        """;

    public const string Links = """
        Reliable ordered messages of 1,200 B through a relay of datagrams between the two processes: delay each way, loss by chance each
        way, and for some a bottleneck with a queue of one round trip. Measured for 1.5 s, after 2 s and 20 round trips at the least.
        Bytes sent are those of UDP payloads handed to the relay, headers, seals and repetitions, from the first message to the last.
        A datagram enters the link when the kernel dates it; *late* is what one of a hundred came out later than it should have,
        because the relay had no processor: three processes share the cores, and *cores used* is how much. TCP does not go through a
        relay of datagrams; of the others only ENet repairs losses.

        """;

    public const string Peers = """
        One host sends 32 B to each of its peers in turn, unreliable, a call and so a datagram each. The peers are machines without
        hosts, all in one process on the other core, each with an address of its own; what their one socket does not take in time is
        lost. So it is what leaves the host that is judged; no more than 1,024 messages wait for that, or four for each peer. Its
        datagrams go to the system one by one for any number of peers (SegmentationOffload is off): in runs, as those for one peer
        could, they would cost less.

        """;

    public const string Machines = """
        The machines alone, without sockets, in a time of their own: neither the budget of handshakes nor the system limits them. A
        handshake is the work of both ends and a first message; two threads. Processor time is what it takes of them, whoever else is at
        work: eight agreements, two key pairs and two conversions of keys, which libsodium does in about 0.42 ms here, bound it. A
        session's memory is what the listener's end holds five seconds after the message has arrived and was reported, over as many
        nodes of 12,500 peers as it takes: managed memory after a collection, and growth of the resident set, which includes keys in
        locked memory and what the collector keeps. Sessions of the layers above, which hold no
        peer, are not in it.

        """;
}

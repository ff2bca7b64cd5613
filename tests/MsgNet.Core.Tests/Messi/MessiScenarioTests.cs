using System.Text.Json;
using MsgNet.Messi;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Messi;

/// <summary>
/// The 15 scenarios of specs/vectors/messi.json: a scripted server that drove the original's clients drives a client here, in virtual
/// time. What the C client did is expected, but for what decision 0024 lists.
/// </summary>
public sealed class MessiScenarioTests
{
    private const double Tolerance = 0.012;

    // The C client reads the rest of a frame that was cut off the next connection; here each has a reader of its own.
    private static readonly string[] MisreadByC = ["client.partial_then_close"];

    public static TheoryData<string> Names => MessiBytes.Names("client_scenario");

    [Theory]
    [MemberData(nameof(Names))]
    [Covers("MESSI-011", "MESSI-013", "MESSI-031", "MESSI-032", "MESSI-033", "MESSI-037", "MESSI-041", "MESSI-042")]
    public void Client_does_what_the_original_did(string name)
    {
        var recording = MessiBytes.Find(name).GetProperty("parsed").GetProperty("c_linux");
        var connections = Connections(recording.GetProperty("server_side"));
        var listening = connections[0].ListeningAt;
        var client = new MessiClientDouble(MessiWireFormat.Compact, new MessiClientSettings(), new MessiClientDouble.NoJitter())
        {
            IsServerThere = now => now >= Instant.Zero + TimeSpan.FromSeconds(listening),
            IsMessage = payload => !payload.AsSpan().SequenceEqual((ReadOnlySpan<byte>)[0x99]),
        };
        client.Start();
        var expectedMessages = new List<string>();
        foreach (var connection in connections)
        {
            client.Advance(NextAccept(client));
            Replay(client, connection, name);
            expectedMessages.AddRange(connection.MessagesSent);
        }

        if (client.Machine.State == MessiClientState.Connected)
            client.OnServerClosed();
        CheckReasons(name, recording, client);
        Assert.Equal(expectedMessages, client.Messages);
    }

    [Fact]
    [Covers("MESSI-037")]
    public void A_server_that_closes_at_once_is_asked_less_and_less_often()
    {
        var client = new MessiClientDouble(MessiWireFormat.Compact, new MessiClientSettings(), new MessiClientDouble.NoJitter());
        client.Start();
        for (var i = 0; i < 8; i++)
        {
            client.OnServerClosed();
            client.Advance(NextAccept(client));
        }

        Assert.Equal([0.0, 1, 3, 7, 15, 31, 61, 91, 121], client.Log.Where(entry => entry.What == "accept").Select(entry => entry.Seconds));
    }

    // The client connects when its timer says so.
    private static double NextAccept(MessiClientDouble client)
    {
        for (var i = 0; client.Machine.State != MessiClientState.Connected; i++)
        {
            Assert.True(i < 10, client.LogText);
            client.Advance((client.Machine.NextTimer - Instant.Zero).TotalSeconds);
        }

        return (client.Now - Instant.Zero).TotalSeconds;
    }

    private static void Replay(MessiClientDouble client, Connection connection, string name)
    {
        var start = (client.Now - Instant.Zero).TotalSeconds;
        var from = client.Log.FindLastIndex(entry => entry.What == "accept");
        foreach (var (after, what) in connection.Events)
        {
            // A little later than recorded times, which are rounded, so that what the client does by itself has been done.
            if (what.StartsWith("tx ", StringComparison.Ordinal))
            {
                client.Advance(start + after);
                client.Receive(MessiBytes.Hex(what[3..].Replace("...", "", StringComparison.Ordinal)));
                continue;
            }

            client.Advance(start + after + (what is "closed" or "reset" or "shutdown(WR)" ? 0 : Tolerance));
            if (what is "closed" or "reset" or "shutdown(WR)")
                client.OnServerClosed();
            else if (what == "EOF")
                Assert.True(client.Machine.State == MessiClientState.WaitReconnect, client.LogText);
            else if (what == "RST")
                Assert.Contains(name, MisreadByC);
        }

        var pings = client.Log.Skip(from).Where(entry => entry.What == "ping").Select(entry => entry.Seconds - start).ToArray();
        Assert.Equal(0, pings[0]);
        var recorded = connection.Events.Where(happened => happened.What == "rx 03000000").Select(happened => happened.After).ToArray();
        Assert.Equal(recorded.Length, pings.Length - 1);
        Assert.All(recorded.Zip(pings.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, -Tolerance, Tolerance));
    }

    // The recording ends with the server's end, of which the client speaks when it got that far.
    private static void CheckReasons(string name, JsonElement recording, MessiClientDouble client)
    {
        var said = recording.GetProperty("client_stdout").EnumerateArray()
            .Select(line => line[1].GetString()!)
            .Where(line => line.StartsWith("Disconnected", StringComparison.Ordinal))
            .Select(line => line["Disconnected from the server (reason: ".Length..^2])
            .ToArray();
        if (MisreadByC.Contains(name))
            said = [said[0], "Connection closed."];
        if (name == "client.oversize_then_flood")
            said = [said[0], "Message too big."];
        if (name == "client.late_pong")
            Assert.InRange(client.Machine.RoundTrip!.Value.TotalSeconds, 1.8 - Tolerance, 1.8 + Tolerance);
        Assert.Equal(said, client.Reasons.Take(said.Length));
    }

    private static List<Connection> Connections(JsonElement serverSide)
    {
        var connections = new List<Connection>();
        var listening = 0.0;
        var start = 0.0;
        foreach (var entry in serverSide.EnumerateArray())
        {
            var (at, what) = (entry[0].GetDouble(), entry[1].GetString()!);
            if (what == "listening")
            {
                listening = at;
            }
            else if (what == "accept")
            {
                start = at;
                connections.Add(new Connection(listening, []));
            }
            else
            {
                connections[^1].Events.Add((at - start, what));
            }
        }

        return connections;
    }

    private sealed record Connection(double ListeningAt, List<(double After, string What)> Events)
    {
        public IEnumerable<string> MessagesSent =>
            from happened in Events
            where happened.What.StartsWith("tx ", StringComparison.Ordinal) && !happened.What.EndsWith("...", StringComparison.Ordinal)
            from frame in MessiBytes.ReadCompact(MessiBytes.Hex(happened.What[3..]))
            where frame.Type == 2 && !frame.Payload.AsSpan().SequenceEqual((ReadOnlySpan<byte>)[0x99])
            select Convert.ToHexStringLower(frame.Payload);
    }
}

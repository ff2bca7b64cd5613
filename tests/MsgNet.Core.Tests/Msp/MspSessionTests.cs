using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Msp;

/// <summary>
/// A recorded session of two Serval nodes. One side is played by us in the Serval profile and fed the packets of the other at their times.
/// Compared with the recording are the data packets: as many, each once, with the same flags, numbers and bytes; the first flight whole.
/// The
/// acknowledgements beside them depend on when the recorded programs read: ours are never behind the recorded ones, and end alike.
/// </summary>
public sealed class MspSessionTests
{
    private static readonly JsonElement Session = RepositoryFiles.Vectors("serval-session.json");

    [Fact]
    [Covers("MSP-011", "MSP-013", "MSP-015", "MSP-016", "MSP-031")]
    public void As_the_connecting_side_we_send_what_was_recorded()
    {
        var ours = Replay("connect", Connect);
        var recorded = Recorded("connect");
        // The whole window goes before the first answer, five packets, to the byte.
        for (var i = 0; i < 5; i++)
            Assert.Equal(recorded[i].Packet, ours[i].Packet);
        Compare(recorded, ours);
    }

    [Fact]
    [Covers("MSP-011", "MSP-013", "MSP-015", "MSP-016")]
    public void As_the_listening_side_we_send_what_was_recorded() => Compare(Recorded("listen"), Replay("listen", Listen));

    private static void Compare(List<(Instant At, byte[] Packet)> recorded, List<(Instant At, byte[] Packet)> ours)
    {
        var theirData = recorded.Where(sent => sent.Packet.Length >= 5).OrderBy(sent => Number(sent.Packet)).ToList();
        var ourData = ours.Where(sent => sent.Packet.Length >= 5).ToList();
        Assert.Equal(21, theirData.Count);
        Assert.Equal(theirData.Count, ourData.Count);
        foreach (var (theirs, mine) in theirData.Zip(ourData))
        {
            Assert.Equal(theirs.Packet[3..], mine.Packet[3..]);
            Assert.Equal(theirs.Packet[0], mine.Packet[0]);
        }

        // At any moment a side has acknowledged at least what the recorded one had, and never what had not come: 20 is the last.
        foreach (var theirs in recorded)
        {
            var known = ours.Where(sent => sent.At <= theirs.At + TimeSpan.FromMilliseconds(2)).Max(sent => Ack(sent.Packet));
            Assert.InRange(known, Ack(theirs.Packet), 20);
        }

        Assert.Equal(20, ours.Max(sent => Ack(sent.Packet)));
        Assert.Equal(20, recorded.Max(sent => Ack(sent.Packet)));
    }

    private static MspConnection Connect(MspEndpoint endpoint, MspPair pair, Instant now, MspEvents events, byte[] first)
    {
        Assert.True(endpoint.TryConnect(now, pair, MspProfile.Serval, out var connection));
        return connection;
    }

    private static MspConnection Listen(MspEndpoint endpoint, MspPair pair, Instant now, MspEvents events, byte[] first)
    {
        endpoint.Listen(MspAddress.Any(pair.Local.Port), MspProfile.Serval);
        endpoint.OnPacket(now, pair, first, events);
        return events[0].Connection;
    }

    private static List<(Instant At, byte[] Packet)> Replay(
        string role, Func<MspEndpoint, MspPair, Instant, MspEvents, byte[], MspConnection> open)
    {
        var other = Recorded(role == "connect" ? "listen" : "connect");
        var events = new MspEvents();
        using var endpoint = new MspEndpoint(poison: true);
        var pair = new MspPair(new MspAddress(new byte[] { 1 }.Concat(new byte[31]).ToArray(), 1), MspAddress.Any(2));
        var start = role == "connect" ? Recorded("connect")[0].At : other[0].At;
        var program = new Program(endpoint, open(endpoint, pair, start, events, other[0].Packet), events, Stream(role));
        program.Turn(start);
        foreach (var (at, packet) in role == "connect" ? other : other.Skip(1))
        {
            while (endpoint.NextTimer < at)
                program.Due();
            endpoint.OnPacket(at, pair, packet, events);
            program.Turn(at);
        }

        program.Due();
        program.AssertDone(Stream(role == "connect" ? "listen" : "connect"));
        return program.Sent;
    }

    private static List<(Instant At, byte[] Packet)> Recorded(string role)
    {
        var node = Session.GetProperty(role).GetProperty("node").GetString();
        var stream = Stream(role);
        var packets = new List<(Instant At, byte[] Packet)>();
        foreach (var recorded in Session.GetProperty("packets").EnumerateArray().Where(p => p.GetProperty("from").GetString() == node))
        {
            var packet = new byte[recorded.GetProperty("length").GetInt32()];
            Convert.FromHexString(recorded.GetProperty("header").GetString()!).CopyTo(packet, 0);
            if (packet.Length > 5)
                stream.AsSpan(Number(packet) * 1024, packet.Length - 5).CopyTo(packet.AsSpan(5));
            packets.Add((Instant.FromMicroseconds((long)(recorded.GetProperty("ms").GetDouble() * 1000)), packet));
        }

        return packets;
    }

    private static byte[] Stream(string role)
    {
        var side = Session.GetProperty(role);
        var blocks = Enumerable.Range(0, 640).SelectMany(i => SHA256.HashData(Encoding.ASCII.GetBytes($"{role}-{i}")));
        var stream = blocks.Take(side.GetProperty("bytes").GetInt32()).ToArray();
        Assert.Equal(side.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(stream)));
        return stream;
    }

    private static int Number(byte[] packet) => packet[3] | (packet[4] << 8);

    // Before anything was received: −1.
    private static int Ack(byte[] packet) => (short)(packet[1] | (packet[2] << 8));

    /// <summary>
    /// What stands behind the socket: it takes what has come, sends what it may, and learns of the end of its input afterwards.
    /// </summary>
    private sealed class Program(MspEndpoint endpoint, MspConnection connection, MspEvents events, byte[] toSend)
    {
        private readonly List<byte> got = [];
        private int sent;

        public List<(Instant At, byte[] Packet)> Sent { get; } = [];

        public void Due()
        {
            var now = endpoint.NextTimer;
            endpoint.OnTimer(now, events);
            Turn(now);
        }

        public void Turn(Instant now)
        {
            events.Clear();
            while (connection.TryPeek(out var message))
            {
                got.AddRange(message);
                connection.Consume(now, message.Length, events);
            }

            while (sent < toSend.Length && connection.TrySend(now, toSend.AsSpan(sent, Math.Min(1024, toSend.Length - sent))))
            {
                sent += Math.Min(1024, toSend.Length - sent);
                Write(now);
            }

            if (sent == toSend.Length)
                connection.Shutdown(now);
            Write(now);
            events.Clear();
        }

        public void AssertDone(byte[] expected)
        {
            Assert.Equal(MspEnd.Completed, connection.End);
            Assert.Equal(connection.Sent, connection.Delivered);
            Assert.Equal(expected, got);
        }

        private void Write(Instant now)
        {
            var writer = new MspPacketWriter(new byte[Limits.MspPacketMax]);
            while (endpoint.WritePacket(now, ref writer))
                Sent.Add((now, writer.Packet.ToArray()));
        }
    }
}

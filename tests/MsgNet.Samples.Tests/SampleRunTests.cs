using System.Security.Cryptography;
using MsgNet.Testing;

namespace MsgNet.Samples.Tests;

public class SampleRunTests
{
    [Fact]
    public async Task Hello_arrives()
    {
        using var listener = new SampleProgram("hello", "listen");
        var address = await listener.ReadLine(line => line.StartsWith("/ip4/127.0.0.1/", StringComparison.Ordinal));
        await SampleProgram.Run("hello", "send", address);
        var line = await listener.ReadLine(_ => true);
        Assert.Matches("^12D3Koo[0-9A-Za-z]+ says hello, world$", line);
    }

    [Fact]
    public async Task A_file_arrives_and_its_hash_is_verified()
    {
        var data = new byte[3_000_000];
        new Random(3).NextBytes(data);
        var hash = Convert.ToHexStringLower(SHA256.HashData(data));
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, data);
            using var receiver = new SampleProgram("send-file", "receive", "--listen", "/ip4/127.0.0.1/udp/0");
            var address = await receiver.ReadLine(line => line.StartsWith("/ip4/127.0.0.1/", StringComparison.Ordinal));
            var output = await SampleProgram.Run("send-file", "send", address, path);
            Assert.Contains($"3000000 bytes sent, SHA-256 {hash}: verified", output, StringComparison.Ordinal);
            Assert.Matches("^receiving from 12D3Koo[0-9A-Za-z]+$", await receiver.ReadLine(_ => true));
            Assert.Matches($"^3000000 bytes from 12D3Koo[0-9A-Za-z]+, SHA-256 {hash}$", await receiver.ReadLine(_ => true));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_file_for_a_receiver_that_is_gone_fails_in_one_line()
    {
        string address;
        using (var receiver = new SampleProgram("send-file", "receive", "--listen", "/ip4/127.0.0.1/udp/0"))
            address = await receiver.ReadLine(line => line.StartsWith("/ip4/127.0.0.1/", StringComparison.Ordinal));

        var errors = await SampleProgram.RunToFailure("send-file", "send", address);

        Assert.Contains(" cannot be reached: ", Assert.Single(errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_are_answered_and_timed()
    {
        var output = await SampleProgram.Run("request-reply");
        Assert.StartsWith("WHAT IS IN A NAME? (", output, StringComparison.Ordinal);
        Assert.Contains("1000 requests: median ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    [InlineData("3")]
    public async Task Lookups_find_the_closest_peer(string seed) =>
        Assert.Contains(
            "20 of 20 lookups found the closest of 50 peers", await SampleProgram.Run("kademlia-lookup", seed), StringComparison.Ordinal);

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    [InlineData("3")]
    public async Task Floods_reach_everyone_through_loss(string seed)
    {
        var output = await SampleProgram.Run("flood-pubsub", seed);
        Assert.Contains("coverage 100.0 %", output, StringComparison.Ordinal);
        Assert.DoesNotContain("(0 of", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kademlia-lookup")]
    [InlineData("flood-pubsub")]
    public async Task A_seed_is_one_run(string name)
    {
        var first = await SampleProgram.Run(name, "42");
        Assert.Equal(first, await SampleProgram.Run(name, "42"));
        Assert.NotEqual(first, await SampleProgram.Run(name, "43"));
    }

    [Fact]
    public void Samples_are_short()
    {
        var files = Directory.GetFiles(RepositoryFiles.PathOf("samples"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .ToArray();
        Assert.True(files.Length >= 6);
        Assert.All(files, file => Assert.InRange(File.ReadAllLines(file).Length, 1, 60));
    }
}

namespace MsgNet.Samples.Tests;

/// <summary>Waits until a peer that was killed counts as lost, beside the other samples.</summary>
public sealed class BrokenTransferTests
{
    // More than can be sent before the sender is killed; a hole, so nothing is written to the disk.
    private const long FileLength = 64L << 30;

    [Fact]
    public async Task A_receiver_whose_sender_dies_says_so_and_fails()
    {
        var path = Path.GetTempFileName();
        try
        {
            await using (var file = File.OpenWrite(path))
                file.SetLength(FileLength);
            using var receiver = new SampleProgram("send-file", "receive", "--listen", "/ip4/127.0.0.1/udp/0");
            var address = await receiver.ReadLine(line => line.StartsWith("/ip4/127.0.0.1/", StringComparison.Ordinal));
            using (new SampleProgram("send-file", "send", address, path))
                await receiver.ReadLine(line => line.StartsWith("receiving from ", StringComparison.Ordinal));

            Assert.Matches("^The file from 12D3Koo[0-9A-Za-z]+ broke off: .+\n$", await receiver.Failure());
        }
        finally
        {
            File.Delete(path);
        }
    }
}

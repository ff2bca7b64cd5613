using MsgNet.Messi;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Messi;

/// <summary>Random inputs at random times: both machines do what a few lines of arithmetic say.</summary>
public sealed class MessiModelTests
{
    private readonly int[] seen = new int[(int)MessiClientAction.Close + 2];

    [Fact]
    [Covers("MESSI-031", "MESSI-032", "MESSI-034", "MESSI-036", "MESSI-037", "MESSI-038", "MESSI-039")]
    public void Client_follows_its_model()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var client = new MessiClientModel(seed, seen);
            for (var step = 0; step < 500; step++)
                client.Step();
        }

        Assert.All(seen.Skip((int)MessiClientAction.Connect), count => Assert.True(count > 100, string.Join(' ', seen)));
    }

    [Fact]
    [Covers("MESSI-022", "MESSI-035", "MESSI-036", "MESSI-040")]
    public void Server_follows_its_model()
    {
        for (var seed = 0; seed < 2_000; seed++)
            RunServer(seed);
        Assert.True(seen[0] > 100 && seen[1] > 100, string.Join(' ', seen));
    }

    private void RunServer(int seed)
    {
        var random = new Random(seed);
        var machine = new MessiServerMachine(Instant.Zero, new MessiServerSettings { KeepAliveTimeout = TimeSpan.FromSeconds(4) });
        var now = Instant.Zero;
        Instant? silentSince = now;
        var pongs = 0;
        for (var step = 0; step < 300 && machine.Reason is null; step++)
        {
            var wait = TimeSpan.FromMilliseconds(random.Next(1_200));
            var isTimer = now + wait >= machine.NextTimer;
            now = isTimer ? machine.NextTimer : now + wait;
            if (isTimer)
            {
                var isDead = silentSince is { } since && now >= since + TimeSpan.FromSeconds(4);
                var action = machine.OnTimer(now);
                Assert.Equal(isDead ? MessiServerAction.Close : MessiServerAction.FormatKnown, action);
                Assert.True(isDead || now == Instant.Zero + TimeSpan.FromSeconds(3));
                seen[isDead ? 0 : 1]++;
                continue;
            }

            switch (random.Next(8))
            {
                case 0 or 1:
                    Assert.Equal(pongs < 64, machine.OnPing(now) == MessiServerAction.SendPong);
                    pongs = Math.Min(pongs + 1, 64);
                    silentSince = silentSince is null ? null : now;
                    break;
                case 2:
                    machine.OnReadingPaused();
                    silentSince = null;
                    break;
                case 3:
                    machine.OnReadingResumed(now);
                    silentSince ??= now;
                    break;
                case 4 when random.Next(20) == 0:
                    machine.OnOutputDrained();
                    pongs = 0;
                    break;
            }
        }
    }
}

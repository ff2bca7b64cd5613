using System.Globalization;

namespace MsgNet.Flood;

/// <summary>
/// Floods a host on loopback beside honest traffic, and prints what became of it; or lets honest traffic run for minutes over a lossy
/// network and watches the memory. <c>eng/soak.sh</c> is the way to run it. The other roles are its child processes.
/// </summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["flood", var seconds, var rate, var runs]:
                await Siege.Run(TimeSpan.FromSeconds(Number(seconds)), Number(rate), Number(runs));
                return 0;
            case ["soak", var minutes]:
                await Soak.Run(TimeSpan.FromMinutes(Number(minutes)));
                return 0;
            case [Responder.Role]:
                await Responder.Run(lossy: false);
                return 0;
            case [Responder.LossyRole]:
                await Responder.Run(lossy: true);
                return 0;
            case [Attacker.Role, var kind, var rate, var seconds, var target]:
                Attacker.Run(Enum.Parse<AttackKind>(kind), Number(rate), TimeSpan.FromSeconds(Number(seconds)), Multiaddress.Parse(target));
                return 0;
            default:
                await Console.Error.WriteLineAsync("usage: MsgNet.Flood flood SECONDS PACKETS_PER_SECOND RUNS | soak MINUTES");
                return 64;
        }
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}

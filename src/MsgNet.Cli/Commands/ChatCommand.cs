using System.Collections.Concurrent;
using System.CommandLine;

namespace MsgNet.Cli.Commands;

/// <summary><c>chat</c>: lines between terminals. CLI-053.</summary>
internal static class ChatCommand
{
    private static readonly ProtocolId Protocol = new("/chat/1.0.0");
    private static readonly TimeSpan DialTimeout = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        var common = new CommonOptions();
        var trustFirst = Options.TrustFirst();
        var address = Options.Address(isRequired: false, trustFirst);
        var command = new Command("chat", "Talk with a peer, line by line; without ADDR wait for somebody to call.")
        {
            address, trustFirst,
        }.WithExample($"msgnet chat --listen /ip4/0.0.0.0/udp/4001\nmsgnet chat {HelpExamples.Address}");
        common.AddTo(command);
        command.SetAction((parsed, interrupt) => Failures.Guard(
            async () =>
            {
                var output = new Output(parsed.GetValue(common.Json));
                var dialled = parsed.GetValue(address);
                await using var opened = await OpenHost.Open(parsed, common, listens: dialled is null, DialTimeout, interrupt);
                var talk = new Talk(opened.Host, output);
                if (dialled is null)
                {
                    output.WriteAddresses(opened.Host);
                    return await talk.Run(interrupt);
                }

                await using var target = await Target.Find(opened.Host, dialled, output, interrupt);
                return await talk.Call(target, interrupt);
            },
            interrupted: ExitCodes.Done));
        return command;
    }

    private sealed class Talk
    {
        private readonly IMessageHost host;
        private readonly Output output;
        private readonly ConcurrentDictionary<PeerId, bool> others = [];

        public Talk(IMessageHost host, Output output)
        {
            this.host = host;
            this.output = output;
            host.SetMessageHandler(Protocol, OnMessage);
        }

        /// <summary>Calls a peer with an empty line, so that it knows of this side before anything is said, and talks.</summary>
        public async Task<int> Call(Target target, CancellationToken interrupt)
        {
            await using var session = host.OpenSession(target.Peer, Protocol, SendOptions.Unreliable);
            await session.SendMessage(ReadOnlyMemory<byte>.Empty, interrupt);
            if (await Task.WhenAny(target.Connected, session.Completion).WaitAsync(interrupt) != target.Connected)
            {
                await session.Completion;
                throw target.NoAnswer(DialTimeout);
            }

            others.TryAdd(target.Peer, true);
            return await Run(interrupt);
        }

        public async Task<int> Run(CancellationToken interrupt)
        {
            await foreach (var line in InputLines.Read(interrupt))
            {
                if (line.Length == 0)
                    continue;
                if (others.IsEmpty)
                    Failures.Say("nobody is here yet; give one of the addresses above to somebody.");
                foreach (var peer in others.Keys)
                    await Say(peer, line, interrupt);
            }

            return ExitCodes.Done;
        }

        private async Task Say(PeerId peer, byte[] line, CancellationToken interrupt)
        {
            try
            {
                await host.SendMessage(peer, Protocol, line, interrupt);
            }
            catch (MessageTooLargeException error)
            {
                Failures.Say(error.Message);
            }
            catch (MsgNetException error)
            {
                others.TryRemove(peer, out _);
                Failures.Say($"{peer} is gone: {error.Message}");
            }
        }

        private void OnMessage(Message message)
        {
            if (others.Count < OthersMax)
                others.TryAdd(message.From, true);
            if (message.Data.IsEmpty)
                return;

            var shown = DataText.Of(message.Data.Span);
            output.Write(new ChatLine("line", message.From.ToString(), shown.Text, shown.Base64), $"{message.From}: {shown}");
        }

        private const int OthersMax = 1_000;
    }
}

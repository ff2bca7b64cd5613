using System.CommandLine;

namespace MsgNet.Cli.Commands;

/// <summary><c>listen</c>: prints what arrives on some protocols, and echoes it if asked to. CLI-031 to CLI-034.</summary>
internal static class ListenCommand
{
    public static Command Create()
    {
        var common = new CommonOptions();
        var protocols = Options.Protocols();
        var echo = new Option<bool>("--echo") { Description = "Answer requests with a reply, messages with a message." };
        var answerWho = new Option<bool>("--answer-who") { Description = "Tell whoever asks (--trust-first) who is here." };
        var count = Options.Count("--count", "End after that many messages.", 0, 1, int.MaxValue);
        var timeout = Options.Seconds("--timeout", "End after that time; with --count it is then a failure.");
        var sizeMax = Options.MessageSizeMax();
        var command = new Command("listen", "Print the addresses others can dial, then every message.")
        {
            protocols, echo, answerWho, count, timeout, sizeMax,
        }.WithExample("msgnet listen --protocol /notes/1.0.0 --echo --listen /ip4/0.0.0.0/udp/4001");
        common.AddTo(command);
        command.SetAction((parsed, interrupt) => Failures.Guard(
            async () =>
            {
                var output = new Output(parsed.GetValue(common.Json));
                await using var opened = await OpenHost.Open(
                    parsed,
                    common,
                    listens: true,
                    TimeSpan.FromSeconds(10),
                    host =>
                    {
                        host.AnswerWho = parsed.GetValue(answerWho);
                        host.MessageSizeMax = parsed.GetValue(sizeMax); // CLI-046
                    },
                    interrupt);
                var listener = new Listener(opened, output, parsed.GetValue(echo), parsed.GetValue(count));
                foreach (var protocol in parsed.GetRequiredValue(protocols).Distinct())
                    opened.Host.SetMessageHandler(protocol, listener.OnMessage);

                output.WriteAddresses(opened.Host);
                return await listener.Run(parsed.GetValue(timeout), interrupt);
            },
            interrupted: ExitCodes.Done));
        return command;
    }

    private sealed class Listener(OpenHost opened, Output output, bool echoes, int count)
    {
        private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int received;
        private int handled;

        public async Task<int> Run(TimeSpan? timeout, CancellationToken interrupt)
        {
            try
            {
                await done.Task.WaitAsync(timeout ?? Timeout.InfiniteTimeSpan, interrupt);
                return ExitCodes.Done;
            }
            catch (TimeoutException) when (count == 0)
            {
                return ExitCodes.Done;
            }
            catch (TimeoutException)
            {
                var came = Math.Min(Volatile.Read(ref received), count);
                var time = $"{timeout?.TotalSeconds:0.###} s";
                Failures.Say($"only {came} of {count} messages came in {time}; raise --timeout, or look at the sender.");
                return ExitCodes.Failed;
            }
        }

        public async ValueTask OnMessage(Message message, CancellationToken cancellationToken)
        {
            if (count > 0 && Interlocked.Increment(ref received) > count)
                return;

            // CLI-032
            var shown = DataText.Of(message.Data.Span);
            var (from, protocol, delivery) = (message.From.ToString(), message.Protocol.Name, DeliveryWords.Of(message.Delivery));
            output.Write(
                // CLI-032
                new MessageLine("message", from, protocol, delivery, message.Data.Length, shown.Text, shown.Base64, message.Early),
                $"{from} {protocol} {shown}");
            if (echoes) // CLI-033
                await Echo(message, cancellationToken);
            if (count > 0 && Interlocked.Increment(ref handled) == count)
                done.TrySetResult();
        }

        // CLI-033
        private async ValueTask Echo(Message message, CancellationToken cancellationToken)
        {
            try
            {
                if (message.CanReply)
                    await message.Reply(message.Data, cancellationToken);
                else
                    await opened.Host.SendMessage(message.From, message.Protocol, message.Data, cancellationToken);
            }
            catch (MsgNetException error)
            {
                // The sender may be gone already, as msgnet send is: no reason to stop listening, and talk only for who asked for it.
                if (opened.IsVerbose)
                    Failures.Say($"no echo to {message.From}: {error.Message}");
            }
        }
    }
}

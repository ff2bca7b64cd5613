using System.CommandLine;
using MsgNet.Cli.Workloads;

namespace MsgNet.Cli.Commands;

/// <summary><c>send</c>: messages or requests to one peer. CLI-041 to CLI-044.</summary>
internal static class SendCommand
{
    private static readonly TimeSpan TimeoutDefault = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        var common = new CommonOptions();
        var trustFirst = Options.TrustFirst();
        var address = Options.Address(isRequired: true, trustFirst);
        var protocol = Options.Protocol();
        var input = new Argument<string?>("-") { Description = "Send each line of standard input.", Arity = ArgumentArity.ZeroOrOne };
        var text = new Option<string?>("--message", "-m") { Description = "The message, as text.", HelpName = "TEXT" };
        var file = new Option<FileInfo?>("--file")
        {
            Description = "A file whose bytes are the message.",
            HelpName = "F",
            CustomParser = Options.ReadFile,
        };
        var delivery = Options.Delivery();
        var count = Options.Count("--count", "How often to send each message.", 1, 1, int.MaxValue, "-c");
        var request = new Option<bool>("--request") { Description = "Send requests, and print their replies." };
        var timeout = Options.Seconds("--timeout", "How long to wait for the peer, and for each reply. Default 10 s.");
        var sizeMax = Options.MessageSizeMax();
        var command = new Command("send", "Send messages to a peer.")
        {
            address, protocol, input, text, file, delivery, count, request, timeout, sizeMax, trustFirst,
        }.WithExample($"msgnet send {HelpExamples.Address} /notes/1.0.0 --message hello --request");
        common.AddTo(command);
        command.Validators.Add(result =>
        {
            // The parser tells what is missing only where nobody else has found a mistake.
            if (result.GetResult(protocol) is not { Tokens.Count: > 0 })
                return;

            var source = result.GetResult(input) is { Tokens: [var token, ..] } ? token.Value : null;
            bool[] given = [source is not null, result.GetResult(text) is not null, result.GetResult(file) is not null];
            if (source is not null and not "-")
                result.AddError($"a message is given as --message TEXT, --file F or -, not as '{source}'");
            else if (given.Count(isGiven => isGiven) != 1)
                result.AddError("give one of --message TEXT, --file F and - (standard input)");
        });
        command.SetAction((parsed, interrupt) => Failures.Guard(
            async () =>
            {
                var output = new Output(parsed.GetValue(common.Json));
                var limit = parsed.GetValue(timeout) ?? TimeoutDefault;
                var messages = Messages(parsed.GetValue(text), parsed.GetValue(file), interrupt);
                await using var opened = await OpenHost.Open(
                    parsed, common, listens: false, limit, host => host.MessageSizeMax = parsed.GetValue(sizeMax), interrupt);
                await using var target = await Sender.FindTarget(opened.Host, parsed.GetRequiredValue(address)!, output, interrupt);
                if (target is null)
                    return ExitCodes.Failed;

                var sender = new Sender(opened, target, parsed.GetValue(protocol), parsed.GetValue(delivery), limit, output);
                return parsed.GetValue(request)
                    ? await sender.Request(messages, parsed.GetValue(count), interrupt)
                    : await sender.Send(messages, parsed.GetValue(count), interrupt);
            },
            interrupted: ExitCodes.Failed));
        return command;
    }

    private static IAsyncEnumerable<byte[]> Messages(string? text, FileInfo? file, CancellationToken interrupt)
    {
        if (text is not null)
            return One(System.Text.Encoding.UTF8.GetBytes(text));
        if (file is null)
            return InputLines.Read(interrupt);

        return One(Read(file));
    }

    // Not all of it: a device may never end.
    private static byte[] Read(FileInfo file)
    {
        using var stream = file.OpenRead();
        using var content = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int read; (read = stream.Read(buffer)) > 0; content.Write(buffer, 0, read))
        {
            if (content.Length + read > Options.MessageSizeLimit)
                throw new MsgNetException($"'{file}' holds more than 16M, the largest message there is: send it in parts.");
        }

        return content.ToArray();
    }

#pragma warning disable CS1998 // One message, at hand already.
    private static async IAsyncEnumerable<byte[]> One(byte[] message)
#pragma warning restore CS1998
    {
        yield return message;
    }
}

using System.Diagnostics;

namespace MsgNet.Cli.Workloads;

/// <summary>Sends to one peer, and tells what became of it.</summary>
internal sealed class Sender(OpenHost opened, Target target, ProtocolId protocol, Delivery delivery, TimeSpan timeout, Output output)
{
    // The host gives up a dial after the timeout and knows what it tried: it gets to speak first.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    // Messages whose delivery is waited for at once: enough to fill a lane's send buffer with small ones.
    private const int WindowMax = 256;

    private readonly SendWindow window = new(WindowMax, timeout + Grace);
    private int sent;
    private long sentBytes;
    private bool hasFailed;

    /// <summary>The peer to send to; null, which is reported, when its address does not tell who is there. CLI-043.</summary>
    public static async Task<Target?> FindTarget(IMessageHost host, Multiaddress address, Output output, CancellationToken interrupt)
    {
        try
        {
            return await Target.Find(host, address, output, interrupt);
        }
        catch (Exception error) when (error is MsgNetException or TimeoutException)
        {
            Report(output, error, [new DialAttempt(address.ToString(), "nobody there said who it is")]);
            return null;
        }
    }

    /// <summary>
    /// Sends each message <paramref name="count"/> times; done when the channel stands and the last one is with the system, or, when it is
    /// sent reliably, when the peer's handler is done with all of them.
    /// </summary>
    public async Task<int> Send(IAsyncEnumerable<byte[]> messages, int count, CancellationToken interrupt)
    {
        try
        {
            var options = DeliveryWords.OptionsFor(delivery) with { WaitForDelivery = IsReliable };
            await using var session = opened.Host.OpenSession(target.Peer, protocol, options);
            await foreach (var message in messages)
            {
                for (var left = count; left > 0; left--)
                    await SendOne(session, message, interrupt);
            }

            await window.Drain(interrupt);
            if (sent > 0)
                await opened.Close(timeout, interrupt);
            ReportSent();
            return ExitCodes.Done;
        }
        catch (TimeoutException)
        {
            return Fail(new TimeoutException(
                $"The peer did not confirm a message within {timeout.TotalSeconds:0.###} s: its handler is still at work, or the peer is "
                + "gone. The message may or may not be handled; give it a longer --timeout, which tells a lost peer after 50 s."));
        }
        catch (MsgNetException error)
        {
            return Fail(error);
        }
    }

    /// <summary>Sends each message as a request <paramref name="count"/> times, one after the other.</summary>
    public async Task<int> Request(IAsyncEnumerable<byte[]> messages, int count, CancellationToken interrupt)
    {
        await foreach (var message in messages)
        {
            for (var left = count; left > 0; left--)
            {
                if (!await TryRequest(message, interrupt))
                    return ExitCodes.Failed;
            }
        }

        ReportSent();
        return hasFailed ? ExitCodes.Failed : ExitCodes.Done;
    }

    private bool IsReliable => delivery != Delivery.Unreliable;

    private async Task SendOne(ISocketSession session, byte[] message, CancellationToken interrupt)
    {
        if (IsReliable)
            await window.Add(session.SendMessage(message, interrupt).AsTask(), interrupt); // CLI-045
        else
            await session.SendMessage(message, interrupt);

        // The first message opens the channel; the others wait for it, so that none grows old in a queue.
        if (sent == 0)
            await Confirmed(session, interrupt);
        sent++;
        sentBytes += message.Length;
    }

    // CLI-042, CLI-043
    private async Task Confirmed(ISocketSession session, CancellationToken interrupt)
    {
        try
        {
            var first = await Task.WhenAny(target.Connected, session.Completion).WaitAsync(timeout + Grace, interrupt);
            if (first == target.Connected)
                return;

            await session.Completion;
            throw target.NoAnswer(timeout);
        }
        catch (TimeoutException)
        {
            throw target.NoAnswer(timeout);
        }
    }

    // CLI-044. False when there is no use in going on.
    private async Task<bool> TryRequest(byte[] message, CancellationToken interrupt)
    {
        var limit = target.Connected.IsCompleted ? timeout : timeout + Grace;
        var start = Stopwatch.GetTimestamp();
        try
        {
            sent++;
            sentBytes += message.Length;
            var options = new RequestOptions { Delivery = delivery, Timeout = limit };
            var reply = await opened.Host.Request(target.Peer, protocol, message, options, interrupt);
            var rtt = (long)Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            var shown = DataText.Of(reply.Data.Span);
            output.Write(new ReplyLine("reply", reply.Data.Length, shown.Text, shown.Base64, rtt), $"reply in {rtt} µs: {shown}");
            return true;
        }
        catch (TimeoutException) when (!opened.Host.Network.HasSession(target.Peer))
        {
            Fail(target.NoAnswer(timeout));
            return false;
        }
        catch (Exception error) when (error is MsgNetException or TimeoutException)
        {
            Fail(error);
            return error is RequestFailedException or TimeoutException;
        }
    }

    private void ReportSent()
    {
        var address = target is { Connected: { IsCompletedSuccessfully: true, Result: { } confirmed } }
            ? confirmed.WithPeerId(target.Peer).ToString()
            : target.Address.ToString();
        var word = DeliveryWords.Of(delivery);
        var messages = sent == 1 ? "message" : "messages";
        output.Write(
            new SentLine("sent", sent, sentBytes, word, address), $"sent {sent} {messages}, {sentBytes} bytes, {word}, to {address}");
    }

    private int Fail(Exception error)
    {
        IReadOnlyList<DialAttempt> attempts = error switch
        {
            PeerUnreachableException unreachable => unreachable.Attempts,
            DeliveryNotAvailableException unavailable => unavailable.Attempts,
            _ => [],
        };
        hasFailed = true;
        return Report(output, Advised(error), attempts);
    }

    // The host's advice is for programs; nobody can follow it here. CLI-046
    private Exception Advised(Exception error) => error switch
    {
        MessageTooLargeException tooLarge => TooLarge(tooLarge),
        SessionLostException { Reason: PeerLoss.MessageTooLarge } refused => new MsgNetException(
            $"The message is larger than {refused.Peer} takes; raise --message-size-max there, or send it in parts.", error),
        _ => error,
    };

    private MsgNetException TooLarge(MessageTooLargeException error) => new(
        $"A message of {error.Size} bytes is above the limit of {error.Limit} bytes for {DeliveryWords.Of(delivery)} delivery; "
            + (IsReliable ? "send it in parts, or raise --message-size-max at both ends." : "send it with --delivery reliable."),
        error);

    private static int Report(Output output, Exception error, IReadOnlyList<DialAttempt> attempts)
    {
        var line = Failures.OneLine(error.Message);
        if (output.IsJson)
        {
            var tried = attempts.Select(attempt => new AttemptLine(attempt.Target, attempt.Error)).ToArray();
            output.Write(new FailedLine("failed", line, tried), line);
        }

        return Failures.Report(error);
    }
}

using System.Diagnostics;
using System.Text.Json;

namespace MsgNet.Cli.Workloads;

/// <summary>
/// The other end in a second process of this tool. It is told what to do on its standard input, answers on its standard output, and ends
/// when its input does: also when this process dies.
/// </summary>
internal sealed class ProcessReceiver : IBenchReceiver
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);
    private readonly Process process;

    private ProcessReceiver(Process process, IReadOnlyList<Multiaddress> addresses)
    {
        this.process = process;
        Addresses = addresses;
    }

    public IReadOnlyList<Multiaddress> Addresses { get; }

    public bool IsHere => false;

    /// <summary>Starts the process, which listens on <paramref name="listen"/>.</summary>
    public static async Task<ProcessReceiver> Open(IEnumerable<Multiaddress> listen, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        start.ArgumentList.Add(Commands.BenchReceiverCommand.Name);
        foreach (var address in listen)
        {
            start.ArgumentList.Add("--listen");
            start.ArgumentList.Add(address.ToString());
        }

        var process = Process.Start(start) ?? throw new EnvironmentException("The receiving process did not start.");
        try
        {
            var addresses = new List<Multiaddress>();
            while (await ReadLine(process, cancellationToken) is { Length: > 0 } line)
                addresses.Add(Multiaddress.Parse(line));
            return new ProcessReceiver(process, addresses);
        }
        catch
        {
            await End(process);
            throw;
        }
    }

    public async Task Start(CancellationToken cancellationToken)
    {
        await process.StandardInput.WriteLineAsync("start".AsMemory(), cancellationToken);
        await process.StandardInput.FlushAsync(cancellationToken);
        await ReadLine(process, cancellationToken);
    }

    public async Task<ReceiverLine> Stop(CancellationToken cancellationToken)
    {
        await process.StandardInput.WriteLineAsync("stop".AsMemory(), cancellationToken);
        await process.StandardInput.FlushAsync(cancellationToken);
        return JsonSerializer.Deserialize(await ReadLine(process, cancellationToken), JsonEventContext.Lines.ReceiverLine)!;
    }

    public async ValueTask DisposeAsync() => await End(process);

    private static async Task<string> ReadLine(Process process, CancellationToken cancellationToken)
    {
        try
        {
            return await process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(AnswerTimeout, cancellationToken)
                ?? throw new EnvironmentException("The receiving process ended; what it says above is the reason.");
        }
        catch (TimeoutException)
        {
            throw new EnvironmentException(
                $"The receiving process did not answer within {AnswerTimeout.TotalSeconds:0} s; try again on a machine less busy.");
        }
    }

    private static async Task End(Process process)
    {
        using (process)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(400));
            try
            {
                process.StandardInput.Close();
                await process.WaitForExitAsync(patience.Token);
            }
            catch (Exception error) when (error is OperationCanceledException or IOException)
            {
                process.Kill();
            }
        }
    }
}

using System.Diagnostics;
using System.Text.Json;
using MsgNet.LoadBench.Contestants;

namespace MsgNet.LoadBench.Processes;

/// <summary>A second process of this program. It does as it is told, and ends when its input does: also when this process dies.</summary>
internal sealed class Child : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan OpenPatience = TimeSpan.FromSeconds(60); // thousands of sessions take their time
    private static readonly TimeSpan EndPatience = TimeSpan.FromMilliseconds(500);
    private readonly Process process;

    private Child(Process process) => this.process = process;

    /// <summary>True when it died, or was ended because it did not answer.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Starts one that serves <paramref name="role"/>, on one core if it is named.</summary>
    public static Child Start(int? core, params ReadOnlySpan<string> role)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        foreach (var word in role)
            start.ArgumentList.Add(word);

        // On a single core the runtime waits ten times as long before it compiles anew what runs often: more than a round takes.
        start.Environment["DOTNET_TC_CallCountingDelayMs"] = "0";
        return new Child(Cores.StartOn(core, start));
    }

    /// <summary>Gives an order and waits for the answer.</summary>
    /// <exception cref="LoadException">It went wrong, or there is no answer.</exception>
    public Task<Answer> Do(OrderKind kind) => Do(new Order { Kind = kind });

    /// <inheritdoc cref="Do(OrderKind)"/>
    public async Task<Answer> Do(Order order)
    {
        var patience = order.Kind is OrderKind.Listen or OrderKind.Connect or OrderKind.Close ? OpenPatience : Patience;
        var line = await Exchange(JsonSerializer.Serialize(order, Wire.Json), patience + TimeSpan.FromSeconds(order.Seconds));
        var answer = JsonSerializer.Deserialize<Answer>(line, Wire.Json)!;
        return answer.Error is null ? answer : throw new LoadException(answer.Error);
    }

    /// <summary>Writes a line and reads one.</summary>
    /// <exception cref="LoadException">There is no answer.</exception>
    public async Task<string> Exchange(string line, TimeSpan patience)
    {
        try
        {
            await process.StandardInput.WriteLineAsync(line);
            await process.StandardInput.FlushAsync();
            return await process.StandardOutput.ReadLineAsync().WaitAsync(patience) ?? throw new LoadException("its process ended");
        }
        catch (Exception error) when (error is TimeoutException or IOException or LoadException)
        {
            IsLost = true;
            throw error as LoadException ?? new LoadException(error is TimeoutException ? "no answer in time" : "its process ended");
        }
    }

    public async ValueTask DisposeAsync()
    {
        using (process)
        {
            try
            {
                process.StandardInput.Close();
                using var patience = new CancellationTokenSource(EndPatience);
                await process.WaitForExitAsync(patience.Token);
            }
            catch (Exception error) when (error is OperationCanceledException or IOException)
            {
                process.Kill();
            }
        }
    }
}

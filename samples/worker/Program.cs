// A service on the generic host: options from appsettings.json, a handler, a health check, metrics and traces by OTLP.
// Where to send those: OTEL_EXPORTER_OTLP_ENDPOINT, and OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf or grpc.
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MsgNet;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings
{
    Args = args,
    ContentRootPath = AppContext.BaseDirectory,
});
builder.Services.AddSingleton<Greeter>().AddSingleton<IHealthCheckPublisher, HealthLog>();
builder.Services.Configure<HealthCheckPublisherOptions>(options => options.Delay = TimeSpan.FromSeconds(1));

#region service
builder.Services.AddMsgNet(builder.Configuration.GetSection("MsgNet"))
    .AddMessageHandler("/greet/1.0.0", services => services.GetRequiredService<Greeter>().Handle);
builder.Services.AddHealthChecks().AddMsgNet();
#endregion

using var telemetry = OpenTelemetrySdk.Create(open => open
    .WithMetrics(metrics => metrics.AddMeter(MsgNetDiagnostics.MeterName).AddOtlpExporter())
    .WithTracing(traces => traces.AddSource(MsgNetDiagnostics.ActivitySourceName).AddOtlpExporter()));

await builder.Build().RunAsync();

internal sealed class Greeter(ILogger<Greeter> logger)
{
    public async ValueTask Handle(Message message, CancellationToken cancellationToken)
    {
        logger.LogInformation("Greeting {Peer}", message.From);
        if (message.CanReply)
            await message.Reply(Encoding.UTF8.GetBytes($"hello, {message.From}"), cancellationToken);
    }
}

internal sealed class HealthLog(ILogger<HealthLog> logger) : IHealthCheckPublisher
{
    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        foreach (var (name, entry) in report.Entries)
            logger.LogInformation("{Check} is {Status}: {Description}", name, entry.Status, entry.Description);
        return Task.CompletedTask;
    }
}

using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using MsgNet;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the health of MsgNet to an application's health checks.</summary>
public static class MsgNetHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds the check <c>msgnet</c> of the container's message host. Unhealthy: the host is closed, does not listen where its options say,
    /// or its timer thread or a port's receive thread does not answer within 5 s. Degraded: since the last check at least 100 datagrams
    /// and messages, and more than a tenth of all, were dropped. Else healthy. Call <c>AddMsgNet</c> on the services too.
    /// </summary>
    public static IHealthChecksBuilder AddMsgNet(this IHealthChecksBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton(static services => new MsgNetHealthCheck(
            services.GetRequiredService<MessageHost>(),
            services.GetRequiredService<IOptions<MsgNetOptions>>(),
            MsgNetHealthCheck.PatienceDefault));
        return builder.Add(new HealthCheckRegistration(
            "msgnet", static services => services.GetRequiredService<MsgNetHealthCheck>(), HealthStatus.Unhealthy, tags: null));
    }
}

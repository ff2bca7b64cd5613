using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MsgNet;
using MsgNet.Platform;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers MsgNet with a container.</summary>
public static class MsgNetServiceCollectionExtensions
{
    /// <summary>Registers one <see cref="MessageHost"/>, also as <see cref="IMessageHost"/>, with the options the container has.</summary>
    /// <inheritdoc cref="AddMsgNet(IServiceCollection, Action{MsgNetOptions})" path="/remarks"/>
    public static IMsgNetBuilder AddMsgNet(this IServiceCollection services) => AddMsgNet(services, _ => { });

    /// <summary>Registers one <see cref="MessageHost"/>, also as <see cref="IMessageHost"/>.</summary>
    /// <remarks>
    /// The host is made, and listens, when it is resolved first; that binds its sockets and talks to nobody. Wrong options throw
    /// <see cref="OptionsValidationException"/> then. The container closes it, so dispose the container asynchronously. Calling this again
    /// configures the same host further.
    /// </remarks>
    public static IMsgNetBuilder AddMsgNet(this IServiceCollection services, Action<MsgNetOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<MsgNetOptions>().Configure(configure);
        var registered = services.FirstOrDefault(service => service.ServiceType == typeof(MsgNetBuilder));
        if (registered?.ImplementationInstance is MsgNetBuilder earlier)
            return earlier;

        var builder = new MsgNetBuilder(services);
        services.AddSingleton(builder);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MsgNetOptions>, MsgNetOptionsValidator>());
        services.TryAddSingleton(Start);
        services.TryAddSingleton<IMessageHost>(static provider => provider.GetRequiredService<MessageHost>()); // API-021
        return builder;
    }

    // A container resolves synchronously; binding the sockets is all that may have to be waited for.
    private static MessageHost Start(IServiceProvider provider) => MessageHost.Start(
        SystemPlatform.Instance,
        provider.GetRequiredService<IOptions<MsgNetOptions>>().Value,
        provider.GetRequiredService<MsgNetBuilder>().Transports,
        provider.GetService<ILoggerFactory>(),
        CancellationToken.None).AsTask().GetAwaiter().GetResult();
}

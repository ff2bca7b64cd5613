using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
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

    /// <summary>
    /// Registers one <see cref="MessageHost"/>, also as <see cref="IMessageHost"/>, with options read from a configuration section such as
    /// <c>configuration.GetSection("MsgNet")</c>: <c>Listen</c>, a list of multiaddresses, and every other property of
    /// <see cref="MsgNetOptions"/> by its name, but <see cref="MsgNetOptions.Identity"/> and <see cref="MsgNetOptions.AcceptPeer"/>,
    /// which no text can hold. A section that is not there changes nothing.
    /// </summary>
    /// <remarks>
    /// <inheritdoc cref="AddMsgNet(IServiceCollection, Action{MsgNetOptions})" path="/remarks"/>
    /// The section is read once. An unknown key and a value that cannot be read are wrong options too: each is named with its path.
    /// </remarks>
    public static IMsgNetBuilder AddMsgNet(this IServiceCollection services, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return AddMsgNet(services, options => MsgNetOptionsBinder.Bind(section, options));
    }

    /// <summary>Registers one <see cref="MessageHost"/>, also as <see cref="IMessageHost"/>.</summary>
    /// <remarks>
    /// The host is made, and listens, when it is resolved first; that binds its sockets and talks to nobody. Wrong options throw
    /// <see cref="OptionsValidationException"/> then. The container closes it, so dispose the container asynchronously. Calling this again
    /// configures the same host further. With <see cref="IMsgNetBuilder.AddHosting"/> the application's start and stop do all that.
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

    private static MessageHost Start(IServiceProvider provider)
    {
        var builder = provider.GetRequiredService<MsgNetBuilder>();
        var host = MessageHost.Create(
            SystemPlatform.Instance,
            provider.GetRequiredService<IOptions<MsgNetOptions>>().Value,
            builder.Transports,
            provider.GetService<ILoggerFactory>(),
            MsgNetMeter.For(provider.GetService<IMeterFactory>()));

        // A container resolves synchronously; binding the sockets is all that may have to be waited for.
        return builder.IsHosted ? host : host.Open(CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }
}

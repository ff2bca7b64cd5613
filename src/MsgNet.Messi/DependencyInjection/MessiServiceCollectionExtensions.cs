using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MsgNet;
using MsgNet.Messi;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers generated clients and servers with a container.</summary>
/// <remarks>
/// Each is a singleton that the generic host starts and stops with the application; wrong options fail its start. Logs and metrics go where
/// the container's do. Handlers are set with <see cref="ConfigureMessi"/>.
/// </remarks>
public static class MessiServiceCollectionExtensions
{
    /// <summary>Registers the server of a protocol at an address, such as <c>ChatServer</c> at <c>tcp://:6000</c>.</summary>
    /// <typeparam name="TProtocol">The class that bears <see cref="MessiProtocolAttribute"/>.</typeparam>
    public static IServiceCollection AddMessiServer<TProtocol>(this IServiceCollection services, string address)
        where TProtocol : IMessiProtocol => AddMessiServer<TProtocol>(services, address, static _ => { });

    /// <summary>Registers the server of a protocol at an address, and says how it works.</summary>
    /// <typeparam name="TProtocol">The class that bears <see cref="MessiProtocolAttribute"/>.</typeparam>
    public static IServiceCollection AddMessiServer<TProtocol>(
        this IServiceCollection services, string address, Action<MessiServerOptions> configure)
        where TProtocol : IMessiProtocol
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<MessiServerOptions>(TProtocol.Name).Configure(configure);
        TProtocol.Register(new MessiServerRegistration(services, TProtocol.Name, address));
        return services;
    }

    /// <summary>Registers the server of a protocol for the peers of the container's <see cref="IMessageHost"/>.</summary>
    /// <typeparam name="TProtocol">The class that bears <see cref="MessiProtocolAttribute"/>.</typeparam>
    public static IServiceCollection AddMessiServer<TProtocol>(this IServiceCollection services)
        where TProtocol : IMessiProtocol => AddMessiServer<TProtocol>(services, static _ => { });

    /// <summary>Registers the server of a protocol for the peers of the container's <see cref="IMessageHost"/>, and says how it
    /// works.</summary>
    /// <typeparam name="TProtocol">The class that bears <see cref="MessiProtocolAttribute"/>.</typeparam>
    public static IServiceCollection AddMessiServer<TProtocol>(this IServiceCollection services, Action<MessiServerOptions> configure)
        where TProtocol : IMessiProtocol
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<MessiServerOptions>(TProtocol.Name).Configure(configure);
        TProtocol.Register(new MessiServerRegistration(services, TProtocol.Name, null));
        return services;
    }

    /// <summary>Registers the client of a protocol for the server at an address.</summary>
    /// <typeparam name="TProtocol">The class that bears <see cref="MessiProtocolAttribute"/>.</typeparam>
    public static IServiceCollection AddMessiClient<TProtocol>(this IServiceCollection services, string address)
        where TProtocol : IMessiProtocol => AddMessiClient<TProtocol>(services, address, static _ => { });

    /// <summary>
    /// Registers the client of a protocol for the server at an address, and says how it works. For a multiaddress its host is the
    /// container's <see cref="IMessageHost"/>, unless the options name another.
    /// </summary>
    /// <typeparam name="TProtocol">The class that bears <see cref="MessiProtocolAttribute"/>.</typeparam>
    public static IServiceCollection AddMessiClient<TProtocol>(
        this IServiceCollection services, string address, Action<MessiClientOptions> configure)
        where TProtocol : IMessiProtocol
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<MessiClientOptions>(TProtocol.Name).Configure(configure);
        TProtocol.Register(new MessiClientRegistration(services, TProtocol.Name, address));
        return services;
    }

    /// <summary>
    /// Sets up a client or server when it is made: its handlers, above all. May be called several times, in whose order it happens.
    /// </summary>
    /// <typeparam name="T">A generated client or server, such as <c>ChatServer</c>.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="configure">Gets the container's root and the client or server.</param>
    public static IServiceCollection ConfigureMessi<T>(this IServiceCollection services, Action<IServiceProvider, T> configure)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddSingleton(new MessiSetup<T>(configure));
    }

    private static T SetUp<T>(IServiceProvider provider, T made)
        where T : class
    {
        foreach (var setup in provider.GetServices<MessiSetup<T>>())
            setup.Configure(provider, made);
        return made;
    }

    private sealed record MessiSetup<T>(Action<IServiceProvider, T> Configure);

    private sealed class MessiServerRegistration(IServiceCollection services, string name, string? address) : IMessiRegistry
    {
        public void AddClient<TClient>(
            Func<string, MessiClientOptions, TClient> forAddress, Func<IMessageHost, PeerId, MessiClientOptions, TClient> forPeer)
            where TClient : class, IMessiClient
        {
            // Only the server is asked for.
        }

        public void AddServer<TServer>(
            Func<string, MessiServerOptions, TServer> forAddress, Func<IMessageHost, MessiServerOptions, TServer> forHost)
            where TServer : class, IMessiServer
        {
            services.TryAddSingleton(provider =>
            {
                var options = provider.GetRequiredService<IOptionsMonitor<MessiServerOptions>>().Get(name);
                options.LoggerFactory ??= provider.GetService<ILoggerFactory>();
                options.MeterFactory ??= provider.GetService<IMeterFactory>();
                return SetUp(provider, address is null
                    ? forHost(provider.GetRequiredService<IMessageHost>(), options)
                    : forAddress(address, options));
            });
            services.AddSingleton<IHostedService>(static provider => new MessiHostedServer(provider.GetRequiredService<TServer>));
        }
    }

    private sealed class MessiClientRegistration(IServiceCollection services, string name, string address) : IMessiRegistry
    {
        public void AddClient<TClient>(
            Func<string, MessiClientOptions, TClient> forAddress, Func<IMessageHost, PeerId, MessiClientOptions, TClient> forPeer)
            where TClient : class, IMessiClient
        {
            services.TryAddSingleton(provider =>
            {
                var options = provider.GetRequiredService<IOptionsMonitor<MessiClientOptions>>().Get(name);
                options.LoggerFactory ??= provider.GetService<ILoggerFactory>();
                options.MeterFactory ??= provider.GetService<IMeterFactory>();
                if (address.StartsWith('/'))
                    options.Host ??= provider.GetService<IMessageHost>();
                return SetUp(provider, forAddress(address, options));
            });
            services.AddSingleton<IHostedService>(static provider => new MessiHostedClient(provider.GetRequiredService<TClient>));
        }

        public void AddServer<TServer>(
            Func<string, MessiServerOptions, TServer> forAddress, Func<IMessageHost, MessiServerOptions, TServer> forHost)
            where TServer : class, IMessiServer
        {
            // Only the client is asked for.
        }
    }
}

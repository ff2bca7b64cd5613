// 50 hosts in one process, on a simulated network with 20 ms of delay and 5 % of loss; run it with another seed: kademlia-lookup 7
using System.Text;
using MsgNet.Simulation;

const int Hosts = 50, Keys = 20;
var simulation = new Simulation(seed: args is [var seed] ? ulong.Parse(seed) : 1);
simulation.Network.Default = new LinkOptions { Delay = TimeSpan.FromMilliseconds(20), Loss = 0.05 };
var hosts = Enumerable.Range(0, Hosts).Select(_ => simulation.AddHost()).ToArray();
var lookups = hosts.Select(host => new Lookup(host.Host)).ToArray();

var wrong = 0;
simulation.Run(async () =>
{
    // Each host knows the first one only, and joins as Kademlia's hosts do: by looking for itself.
    var first = Encoding.UTF8.GetBytes(hosts[0].Host.Addresses[0].ToString());
    for (var i = 1; i < Hosts; i++)
    {
        lookups[i].Learn(first);
        await lookups[i].Find(Lookup.KeyOf(hosts[i].Id));
    }

    for (var i = 0; i < Keys; i++)
    {
        var (key, asker) = (new byte[32], (int)(simulation.Random.NextUInt64() % Hosts));
        simulation.Random.Fill(key);
        var start = simulation.Now;
        var (closest, hops) = await lookups[asker].Find(key);
        var truth = hosts.Where((_, index) => index != asker).MinBy(host => Lookup.Distance(key, host.Id))!;
        var isRight = closest[0] == truth.Id;
        wrong += isRight ? 0 : 1;
        Console.WriteLine($"{Convert.ToHexStringLower(key.AsSpan(0, 4))}… from {hosts[asker]}: {hops} hops, "
            + $"{(simulation.Now - start).TotalMilliseconds:F0} ms, closest is {truth}: {(isRight ? "found" : "MISSED")}");
    }
});

Console.WriteLine($"{Keys - wrong} of {Keys} lookups found the closest of {Hosts} peers ({simulation})");
return wrong == 0 ? 0 : 1;

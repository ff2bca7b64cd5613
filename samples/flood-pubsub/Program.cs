// 50 hosts in one process, on a simulated network that loses every tenth datagram; run it with another seed: flood-pubsub 7
using System.Text;
using MsgNet.Simulation;

const int Hosts = 50, Messages = 20, Degree = 4;

#region simulation
var simulation = new Simulation(seed: args is [var seed] ? ulong.Parse(seed) : 1);
simulation.Network.Default = new LinkOptions { Delay = TimeSpan.FromMilliseconds(20), Loss = 0.1 };
var hosts = Enumerable.Range(0, Hosts).Select(_ => simulation.AddHost()).ToArray();
#endregion

var received = hosts.Select(_ => new HashSet<string>()).ToArray();
var peers = hosts.Select((host, i) => new FloodPubSub(host.Host, "news", data => received[i].Add(Encoding.UTF8.GetString(data.Span))))
    .ToArray();

// A mesh: each host picks some others at random, and a connection serves both ways.
for (var i = 0; i < Hosts; i++)
{
    for (var picked = 0; picked < Degree; picked++)
    {
        var j = (i + 1 + Pick(Hosts - 1)) % Hosts;
        peers[i].Connect(hosts[j].Id, hosts[j].Host.Addresses[0]);
        peers[j].Connect(hosts[i].Id, hosts[i].Host.Addresses[0]);
    }
}

simulation.Run(async () =>
{
    for (var i = 0; i < Messages; i++)
    {
        await peers[Pick(Hosts)].Publish(Encoding.UTF8.GetBytes($"news {i}"));
        await simulation.Delay(TimeSpan.FromSeconds(1));
    }
});

for (var i = 0; i < Messages; i++)
    Console.WriteLine($"news {i}: {received.Count(texts => texts.Contains($"news {i}"))} of {Hosts} hosts");

var deliveries = received.Sum(texts => texts.Count);
var traffic = simulation.Network.Statistics;
Console.WriteLine(
    $"coverage {100.0 * deliveries / (Hosts * Messages):F1} % ({traffic.Lost} of {traffic.Sent} datagrams lost; {simulation})");
return deliveries == Hosts * Messages ? 0 : 1;

int Pick(int count) => (int)(simulation.Random.NextUInt64() % (ulong)count);

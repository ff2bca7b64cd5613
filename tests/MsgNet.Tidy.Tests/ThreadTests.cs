using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MsgNet.Tidy.Tests;

/// <summary>One seed can replay the whole stack only while nothing in it hands work to a scheduler of its own.</summary>
public sealed class ThreadTests
{
    private static readonly string[] Strays =
        ["Task.Run", "Task.Factory", "ThreadPool.QueueUserWorkItem", "ThreadPool.UnsafeQueueUserWorkItem"];
    private static readonly string[] Pump = ["src/MsgNet/Host", "src/MsgNet/Network"];

    /// <summary>
    /// Every file of src that takes a lock, and whose lock it is. The gate is the one lock of a host; the others guard a leaf: nothing else
    /// is called while they are held.
    /// </summary>
    private static readonly Dictionary<string, string> Locks = new()
    {
        ["src/MsgNet/Diagnostics/HealthProbe.cs"] = "the host's gate",
        ["src/MsgNet/Diagnostics/HostReadings.cs"] = "the host's gate",
        ["src/MsgNet/Diagnostics/MsgNetHealthCheck.cs"] = "leaf: what the last check saw",
        ["src/MsgNet/Diagnostics/MsgNetMeter.cs"] = "leaf: the hosts measured",
        ["src/MsgNet/Host/HandlerQueue.Inline.cs"] = "leaf: one protocol's queue",
        ["src/MsgNet/Host/HandlerQueue.cs"] = "leaf: one protocol's queue",
        ["src/MsgNet/Host/HandlerServices.cs"] = "leaf: what handlers share",
        ["src/MsgNet/Host/HandlerTable.Streams.cs"] = "the host's gate",
        ["src/MsgNet/Host/HandlerTable.cs"] = "the host\'s gate",
        ["src/MsgNet/Host/HandlerToken.cs"] = "leaf: one call's token",
        ["src/MsgNet/Host/InlineCalls.cs"] = "the host's gate",
        ["src/MsgNet/Host/MessageReader.cs"] = "leaf: one reader's queue; the host's gate",
        ["src/MsgNet/Host/Receipts.cs"] = "the host's gate",
        ["src/MsgNet/Host/StreamQueue.cs"] = "leaf: one protocol's streams",
        ["src/MsgNet/Lanes/LaneInbox.cs"] = "the host's gate",
        ["src/MsgNet/Lanes/LaneStream.cs"] = "the host's gate",
        ["src/MsgNet/Lanes/LaneStreamWait.cs"] = "the host's gate",
        ["src/MsgNet/Memory/MemoryChannel.cs"] = "the host's gate",
        ["src/MsgNet/Memory/MemorySession.cs"] = "the host's gate",
        ["src/MsgNet/Memory/MemorySocket.Peers.cs"] = "the host's gate",
        ["src/MsgNet/Memory/MemorySocket.cs"] = "the host's gate",
        ["src/MsgNet/Network/MessageNetwork.Sends.cs"] = "the host's gate",
        ["src/MsgNet/Network/MessageNetwork.Streams.cs"] = "the host's gate",
        ["src/MsgNet/Msp/MspCalls.cs"] = "the gate of its sockets",
        ["src/MsgNet/Msp/MspDatagrams.cs"] = "the gate of its sockets",
        ["src/MsgNet/Msp/MspLanes.cs"] = "the host's gate",
        ["src/MsgNet/Msp/MspPasses.cs"] = "leaf: whether something has arrived for a pass",
        ["src/MsgNet/Msp/MspSocket.Inner.cs"] = "the gate of its sockets",
        ["src/MsgNet/Msp/MspSocket.State.cs"] = "the gate of its sockets",
        ["src/MsgNet/Msp/MspSocket.cs"] = "the gate of its sockets",
        ["src/MsgNet/Msp/MspSockets.cs"] = "the gate of its sockets",
        ["src/MsgNet/Network/MessageNetwork.cs"] = "the host's gate",
        ["src/MsgNet/Network/NetworkClosing.cs"] = "the host's gate",
        ["src/MsgNet/Network/PeerEventHub.cs"] = "the host\'s gate",
        ["src/MsgNet/Network/PeerEventReader.cs"] = "the host\'s gate",
        ["src/MsgNet/Network/Peerstore.cs"] = "the host\'s gate",
        ["src/MsgNet/Network/RequestOperation.cs"] = "the host\'s gate",
        ["src/MsgNet/Network/SendQueue.cs"] = "its owner's gate",
        ["src/MsgNet/Network/WaitQueue.cs"] = "its owner's gate",
        ["src/MsgNet/Network/Gate.cs"] = "what a gate is made of",
        ["src/MsgNet/Platform/PortableDatagramIo.cs"] = "leaf: the address being sent to",
        ["src/MsgNet/Platform/TimerThread.cs"] = "leaf: the timer heap",
        ["src/MsgNet/Platform/UdpPort.cs"] = "leaf: the port's life",
        ["src/MsgNet/Sodium/AesWorkspaces.cs"] = "leaf: the AES key in use at one place, of one direction",
        ["src/MsgNet/Sodium/SecureSlab.cs"] = "leaf: free places for keys",
        ["src/MsgNet/Udp/PlainPort.cs"] = "the host's gate",
        ["src/MsgNet/Udp/SealedSession.cs"] = "the host's gate",
        ["src/MsgNet/Udp/UdpArrivals.cs"] = "the host's gate",
        ["src/MsgNet/Udp/UdpDialer.cs"] = "the host's gate",
        ["src/MsgNet/Udp/UdpEndpoints.Pump.cs"] = "the host's gate",
        ["src/MsgNet/Udp/UdpEndpoints.cs"] = "the host's gate",
        ["src/MsgNet/Udp/UdpEvents.cs"] = "the host's gate",
        ["src/MsgNet/Udp/UdpResolver.cs"] = "the host's gate",
        ["src/MsgNet/Udp/UdpSocket.cs"] = "the host's gate",
        ["src/MsgNet.Messi/Calls/MessiCalls.cs"] = "leaf but for the output: calls and their requests have one order",
        ["src/MsgNet.Messi/Client/MessiClientCore.Link.cs"] = "the client's gate",
        ["src/MsgNet.Messi/Client/MessiClientCore.cs"] = "the client's gate",
        ["src/MsgNet.Messi/Link/MessiBuffers.cs"] = "leaf: the unused buffers of one size",
        ["src/MsgNet.Messi/Link/MessiLink.Reading.cs"] = "leaf: one connection's backlog",
        ["src/MsgNet.Messi/Link/MessiLink.cs"] = "leaf: one connection's end",
        ["src/MsgNet.Messi/Link/MessiOutput.Writing.cs"] = "leaf: one connection's output",
        ["src/MsgNet.Messi/Link/MessiOutput.cs"] = "leaf: one connection's output",
        ["src/MsgNet.Messi/Link/MessiRoom.cs"] = "leaf: whether a backlog has room",
        ["src/MsgNet.Messi/Server/MessiServerClient.cs"] = "the gate of one client at its server",
        ["src/MsgNet.Messi/Server/MessiServerCore.cs"] = "the server's table of clients; a broadcast takes outputs under it",
        ["src/MsgNet.Simulation/Time/SimulationScheduler.cs"] = "leaf: work that strayed in from another thread",
    };

    // A refused caller's own thread asks for room, and what goes on then is no work for its context.
    private const string CallersContext = "src/MsgNet/Network/SendQueue.cs";

    [Fact]
    public void Host_and_network_start_nothing_behind_the_schedulers_back()
        => Repository.AssertNone("No Task.Run and no ConfigureAwait in Host and Network",
            from file in SourceFile.Under(Pump)
            from name in file.Root.DescendantNodes().OfType<MemberAccessExpressionSyntax>()
            where (name.Name.Identifier.Text == "ConfigureAwait" && file.Path != CallersContext)
                || Strays.Any(stray => name.ToString().EndsWith(stray, StringComparison.Ordinal))
            select $"{file.At(name)}: {name}");

    [Fact]
    public void Host_and_network_await_once()
    {
        var places = from file in SourceFile.Under(Pump)
                     from token in file.Root.DescendantTokens()
                     where token.IsKind(SyntaxKind.AwaitKeyword)
                     select file.At(token);
        Assert.Single(places);
    }

    [Fact]
    public void Locks_are_taken_where_the_list_says()
        => Repository.AssertNone("A lock needs a place in the list, with its reason",
            from file in SourceFile.Under("src")
            from token in file.Root.DescendantTokens()
            where TakesLock(token) && !Locks.ContainsKey(file.Path)
            select file.At(token));

    [Fact]
    public void The_list_of_locks_names_no_file_without_one()
        => Repository.AssertNone("These files take no lock",
            Locks.Keys.Except(
                from file in SourceFile.Under("src")
                where file.Root.DescendantTokens().Any(TakesLock)
                select file.Path));

    // By the keyword, or a gate, which would lock itself under the keyword and never do what is left to whoever leaves it.
    private static bool TakesLock(SyntaxToken token) =>
        token.IsKind(SyntaxKind.LockKeyword)
        || (token.Text == "Enter" && token.Parent?.Parent is MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax });

    [Fact]
    public void A_gate_is_entered_and_not_locked()
        => Repository.AssertNone("Write using (gate.Enter())",
            from file in SourceFile.Under("src/MsgNet")
            from statement in file.Root.DescendantNodes().OfType<LockStatementSyntax>()
            let locked = statement.Expression.ToString()
            where IsGate(file, locked)
            select $"{file.At(statement)}: {locked}");

    // What is called so is one, but for the leaf that a file makes for itself.
    private static bool IsGate(SourceFile file, string locked) =>
        locked.EndsWith("Gate", StringComparison.Ordinal)
            ? locked is not "workspace.Gate" and not "inputGate"
            : file.Root.DescendantTokens().Any(token =>
                token.Text == "Gate" && token.GetNextToken().Text == locked && token.Parent is IdentifierNameSyntax);

    [Fact]
    public void No_async_void()
        => Repository.AssertNone("async void loses its exceptions",
            from file in SourceFile.All
            from method in file.Root.DescendantNodes().OfType<MethodDeclarationSyntax>()
            where method.Modifiers.Any(SyntaxKind.AsyncKeyword) && method.ReturnType.ToString() == "void"
            select file.At(method));
}

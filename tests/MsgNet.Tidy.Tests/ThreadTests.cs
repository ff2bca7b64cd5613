using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MsgNet.Tidy.Tests;

/// <summary>One seed can replay the whole stack only while nothing in it hands work to a scheduler of its own.</summary>
public sealed class ThreadTests
{
    private static readonly string[] Pump = ["src/MsgNet/Host", "src/MsgNet/Network"];

    /// <summary>
    /// Every file of src that takes a lock, and whose lock it is. The gate is the one lock of a host; the others guard a leaf: nothing else is
    /// called while they are held.
    /// </summary>
    private static readonly Dictionary<string, string> Locks = new()
    {
    };

    [Fact]
    public void Host_and_network_start_nothing_behind_the_schedulers_back()
        => Repository.AssertNone("No Task.Run and no ConfigureAwait in Host and Network",
            from file in SourceFile.Under(Pump)
            from name in file.Root.DescendantNodes().OfType<MemberAccessExpressionSyntax>()
            where name.Name.Identifier.Text == "ConfigureAwait" || name.ToString() is "Task.Run" or "Task.Factory" or "ThreadPool.QueueUserWorkItem"
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
            where token.IsKind(SyntaxKind.LockKeyword) && !Locks.ContainsKey(file.Path)
            select file.At(token));

    [Fact]
    public void The_list_of_locks_names_no_file_without_one()
        => Repository.AssertNone("These files take no lock",
            Locks.Keys.Except(
                from file in SourceFile.Under("src")
                where file.Root.DescendantTokens().Any(token => token.IsKind(SyntaxKind.LockKeyword))
                select file.Path));

    [Fact]
    public void No_async_void()
        => Repository.AssertNone("async void loses its exceptions",
            from file in SourceFile.All
            from method in file.Root.DescendantNodes().OfType<MethodDeclarationSyntax>()
            where method.Modifiers.Any(SyntaxKind.AsyncKeyword) && method.ReturnType.ToString() == "void"
            select file.At(method));
}

namespace MsgNet.EndToEnd;

public sealed class IdTests
{
    [Fact]
    [Covers("CLI-021", "CLI-022", "CLI-002")]
    public async Task A_new_identity_is_saved_for_its_owner_and_shown_again()
    {
        using var folder = new TemporaryFolder();
        var file = folder.PathOf("alice.key");

        var made = (await Msgnet.Run("id", "new", "--out", file, "--json")).Expect(0);
        var shown = (await Msgnet.Run("id", "show", file, "--json")).Expect(0);

        Assert.Equal(made.Lines, shown.Lines);
        var line = Assert.Single(made.Events);
        Assert.Equal(["peerId", "sid", "publicKey"], line.Names());
        Assert.True(PeerId.TryParse(line.Text("peerId"), out var peer));
        Assert.Equal(peer, PeerId.FromEd25519(Convert.FromHexString(line.Text("publicKey"))));
        Assert.Equal(32, Convert.FromHexString(line.Text("sid")).Length);
        Assert.Equal(68, new FileInfo(file).Length);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    [Covers("CLI-022")]
    public async Task A_known_key_has_its_known_names()
    {
        using var folder = new TemporaryFolder();
        var file = folder.PathOf("known.key");
        var vectors = RepositoryFiles.Vectors("secure-datagrams.json");
        byte[] key = [8, 1, 18, 64, .. Convert.FromHexString(vectors.Text("responder_seed") + vectors.Text("responder_pk"))];
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (var stream = new FileStream(file, options))
            await stream.WriteAsync(key);

        var line = Assert.Single((await Msgnet.Run("id", "show", file, "--json")).Expect(0).Events);

        Assert.Equal(vectors.Text("responder_x_pub"), line.Text("sid"), ignoreCase: true);
        Assert.Equal(vectors.Text("responder_pk"), line.Text("publicKey"), ignoreCase: true);
    }

    [Fact]
    [Covers("CLI-022")]
    public async Task The_secret_is_never_shown()
    {
        using var folder = new TemporaryFolder();
        var file = folder.PathOf("alice.key");
        (await Msgnet.Run("id", "new", "--out", file)).Expect(0);
        var seed = (await File.ReadAllBytesAsync(file)).AsMemory(4, 32);

        foreach (var arguments in new string[][] { ["id", "show", file], ["id", "show", file, "--json"] })
        {
            var shown = (await Msgnet.Run(arguments)).Expect(0);
            var said = string.Join('\n', shown.Lines) + shown.Errors;
            Assert.DoesNotContain(Convert.ToHexString(seed.Span), said, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Convert.ToBase64String(seed.Span)[..40], said, StringComparison.Ordinal);
        }
    }

    [Fact]
    [Covers("CLI-021", "CLI-003")]
    public async Task An_existing_file_is_not_replaced()
    {
        using var folder = new TemporaryFolder();
        var file = folder.PathOf("precious");
        await File.WriteAllTextAsync(file, "precious");

        var result = (await Msgnet.Run("id", "new", "--out", file)).Expect(2);

        Assert.Contains("never replaced", result.Errors, StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(file));
    }

    [Fact]
    [Covers("CLI-003", "CLI-004")]
    public async Task A_folder_that_is_not_there_is_told_and_not_made()
    {
        using var folder = new TemporaryFolder();
        var file = folder.PathOf(Path.Combine("none", "alice.key"));

        var result = (await Msgnet.Run("id", "new", "--out", file)).Expect(2);

        Assert.Equal(
            $"msgnet: '{file}' is in no folder that exists. Make the folder first, or give another path.", result.Errors.TrimEnd());
        Assert.False(Directory.Exists(Path.GetDirectoryName(file)));
    }

    [Theory]
    [Covers("CLI-003", "CLI-004")]
    [InlineData("id", "new", "--out")]
    [InlineData("id", "show")]
    [InlineData("listen", "--protocol", "/t/1", "--identity")]
    public async Task A_folder_is_no_key_file(params string[] arguments)
    {
        using var folder = new TemporaryFolder();

        var result = (await Msgnet.Run([.. arguments, folder.PathOf("")])).Expect(2);

        Assert.Equal(
            $"msgnet: '{folder.PathOf("")}' is a folder, and an identity is kept in a file. Give the path of a file in it.",
            result.Errors.TrimEnd());
    }

    [SkippableFact]
    [Covers("CLI-003", "CLI-004")]
    public async Task A_file_that_cannot_be_made_is_told_by_its_own_name()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "No file can be made in /proc.");

        var result = (await Msgnet.Run("id", "new", "--out", "/proc/alice.key")).Expect(2);

        Assert.StartsWith("msgnet: No key file can be made here: ", result.Errors, StringComparison.Ordinal);
        Assert.Contains("'/proc/alice.key'", result.Errors, StringComparison.Ordinal);
    }
}

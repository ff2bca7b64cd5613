namespace MsgNet.Core;

/// <summary>
/// WHO and IAM: asks addresses for the key of whoever is there, and answers if this node does so at all. Nothing here is authenticated: an
/// answer is a candidate that only a handshake proves (SEC-091).
/// </summary>
internal sealed class Introductions
{
    private readonly UdpNode node;
    private readonly bool answers;
    private readonly List<Question> questions = [];
    private readonly AddressBuckets answeredTo;
    private TokenBucket answered;

    /// <param name="node">The node.</param>
    /// <param name="answers">Whether WHO is answered.</param>
    public Introductions(UdpNode node, bool answers)
    {
        this.node = node;
        this.answers = answers;
        const int perAddress = Limits.IamsPerAddressPerSecondMax;
        answeredTo = new AddressBuckets(node.Random, perAddress, burst: perAddress, countsPorts: true);
    }

    /// <summary>When the next WHO is due, or a question has waited long enough.</summary>
    public Instant NextTimer { get; private set; } = Instant.Never;

    /// <summary>Asks an address; false when too many questions are open.</summary>
    public bool TryAsk(Instant now, in NetAddress address, object state, Instant deadline)
    {
        if (questions.Count == Limits.QuestionsMax)
            return false;

        var nonce = new byte[WhoMessage.NonceLength];
        node.Random.Fill(nonce);
        var question = new Question(address, nonce, state, deadline);
        questions.Add(question);
        Send(now, question);
        Schedule();
        return true;
    }

    /// <summary>Drops the questions asked with this state.</summary>
    public void Cancel(object state)
    {
        questions.RemoveAll(question => question.State == state);
        Schedule();
    }

    /// <summary>Sends what is due again and gives up what waited too long.</summary>
    public void OnTimer(Instant now, NodeEvents events)
    {
        if (now < NextTimer)
            return;

        for (var i = questions.Count - 1; i >= 0; i--)
        {
            var question = questions[i];
            if (now >= question.Deadline)
            {
                questions.RemoveAt(i);
                events.Add(new NodeEvent
                {
                    Kind = NodeEventKind.NotIdentified, Peer = default, Address = question.Address, State = question.State,
                });
            }
            else if (now >= question.NextSend)
            {
                Send(now, question);
            }
        }

        Schedule();
    }

    /// <summary>Takes a WHO.</summary>
    public void OnWho(Instant now, in NetAddress from, ReadOnlySpan<byte> datagram)
    {
        if (!WhoMessage.TryParse(datagram, out var nonce))
        {
            node.Counters.CountDropped(DropReason.Malformed);
            return;
        }

        if (!answers)
        {
            node.Counters.CountDropped(DropReason.WhoNotAnswered);
            return;
        }

        // SEC-065: once per address and second, and a thousand in all.
        if (!answeredTo.TryTake(now, from)
            || !answered.TryTake(now, Limits.IamsPerSecondMax, Limits.IamsPerSecondMax, reserve: 0))
        {
            node.Counters.CountDropped(DropReason.SurplusWho);
            return;
        }

        var iam = node.Loose.TryAdd(from, IamMessage.Length);
        if (!iam.IsEmpty)
            IamMessage.Write(iam, nonce, node.Crypto.PublicKey);
    }

    /// <summary>Takes an IAM: it counts only if it comes from an address that was asked, with the nonce that was sent there.</summary>
    public void OnIam(in NetAddress from, ReadOnlySpan<byte> datagram, NodeEvents events)
    {
        if (!IamMessage.TryParse(datagram, out var nonce, out var key))
        {
            node.Counters.CountDropped(DropReason.Malformed);
            return;
        }

        var at = Find(from, nonce);
        if (at < 0 || !RemoteIdentity.TryCreate(node.Crypto, key, out _))
        {
            node.Counters.CountDropped(at < 0 ? DropReason.UnknownIndex : DropReason.NotAuthentic);
            return;
        }

        var question = questions[at];
        questions.RemoveAt(at);
        Schedule();
        events.Add(new NodeEvent
        {
            Kind = NodeEventKind.Identified, Peer = PeerId.FromEd25519(key), Address = from, State = question.State,
        });
    }

    private int Find(in NetAddress from, ReadOnlySpan<byte> nonce)
    {
        for (var i = 0; i < questions.Count; i++)
        {
            if (questions[i].Address == from && nonce.SequenceEqual(questions[i].Nonce))
                return i;
        }

        return -1;
    }

    // As a HELLO: 300, 600, 1200, then 2400 ms.
    private void Send(Instant now, Question question)
    {
        var who = node.Loose.TryAdd(question.Address, WhoMessage.Length);
        if (!who.IsEmpty)
            WhoMessage.Write(who, question.Nonce);

        question.NextSend = now + NodeTimings.Varied(NodeTimings.HelloInterval(question.Sends++), node.Random);
    }

    private void Schedule()
    {
        NextTimer = Instant.Never;
        foreach (var question in questions)
            NextTimer = Instant.Min(NextTimer, Instant.Min(question.NextSend, question.Deadline));
    }

    private sealed class Question(in NetAddress address, byte[] nonce, object state, Instant deadline)
    {
        public NetAddress Address { get; } = address;

        public byte[] Nonce { get; } = nonce;

        public object State { get; } = state;

        public Instant Deadline { get; } = deadline;

        public int Sends { get; set; }

        public Instant NextSend { get; set; }
    }
}

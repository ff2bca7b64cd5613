namespace MsgNet;

/// <summary>No transport to the peer gives the delivery asked for; <see cref="Attempts"/> says what each one lacks.</summary>
public sealed class DeliveryNotAvailableException : MsgNetException
{
    /// <summary>Says why no transport gives <paramref name="delivery"/>.</summary>
    public DeliveryNotAvailableException(Delivery delivery, IReadOnlyList<DialAttempt> attempts)
        : base($"No transport gives {delivery}: "
            + $"{string.Join("; ", (attempts ?? []).Select(attempt => $"{attempt.Target}: {attempt.Error}"))}. "
            + "Ask for less, or register a transport that gives it.")
    {
        Delivery = delivery;
        Attempts = attempts ?? [];
    }

    /// <summary>The delivery asked for.</summary>
    public Delivery Delivery { get; }

    /// <summary>Every transport and address considered, and what it lacks.</summary>
    public IReadOnlyList<DialAttempt> Attempts { get; }
}

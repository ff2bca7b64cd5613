namespace MsgNet.Cli;

/// <summary>The words for deliveries, everywhere the same. CLI-009.</summary>
internal static class DeliveryWords
{
    /// <summary>Every one of them.</summary>
    public static string[] All => [.. Enum.GetValues<Delivery>().Select(Of)];

    public static string Of(Delivery delivery) => delivery switch
    {
        Delivery.Unreliable => "unreliable",
        Delivery.Reliable => "reliable",
        _ => "ordered",
    };

    public static bool TryParse(string text, out Delivery delivery)
    {
        (var known, delivery) = text switch
        {
            "unreliable" => (true, Delivery.Unreliable),
            "reliable" => (true, Delivery.Reliable),
            "ordered" => (true, Delivery.ReliableOrdered),
            _ => (false, default),
        };
        return known;
    }

    /// <summary>Bytes of the largest message that is delivered so, unless a reliable one may be larger (CLI-046).</summary>
    public static int SizeMax(Delivery delivery) => delivery == Delivery.Unreliable ? 65_535 : 1 << 20;

    public static SendOptions OptionsFor(Delivery delivery) => delivery switch
    {
        Delivery.Unreliable => SendOptions.Unreliable,
        Delivery.Reliable => SendOptions.Reliable,
        _ => SendOptions.Ordered,
    };
}

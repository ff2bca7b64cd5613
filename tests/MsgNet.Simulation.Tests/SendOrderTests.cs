using System.Buffers.Binary;
using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Simulation.Tests;

/// <summary>What a sender may rely on while a peer's queue is full.</summary>
public class SendOrderTests
{
    private const int Messages = 5_000;
    private static readonly ProtocolId Count = "/count/1.0";
    private readonly List<int> got = [];
    private readonly Simulation simulation = new(
        3, new SimulationOptions { Link = new LinkOptions { Delay = TimeSpan.FromMilliseconds(1) } });
    private readonly SimulatedHost sender;
    private readonly SimulatedHost receiver;

    public SendOrderTests()
    {
        (sender, receiver) = (simulation.AddHost(), simulation.AddHost());
        simulation.Introduce();
        var options = new HandlerOptions { Inline = true };
        receiver.Host.SetMessageHandler(Count, message => got.Add(BinaryPrimitives.ReadInt32LittleEndian(message.Data.Span)), options);
    }

    [Fact]
    [Covers("API-039", "API-032")]
    public void Messages_keep_the_order_in_which_their_sends_were_made_also_those_that_waited()
    {
        var waited = 0;
        simulation.Run(async () =>
        {
            var sends = Enumerable.Range(0, Messages).Select(i => Send(BitConverter.GetBytes(i)).AsTask()).ToArray();
            waited = sends.Count(send => !send.IsCompleted);
            await Task.WhenAll(sends);
            await simulation.Delay(TimeSpan.FromSeconds(1));
        });

        Assert.InRange(waited, 1, Messages - Limits.QueueMessagesMax);
        Assert.Equal(Enumerable.Range(0, Messages), got);
    }

    [Fact]
    [Covers("API-034")]
    public void The_buffer_of_a_send_that_completed_belongs_to_the_caller_again()
    {
        simulation.Run(async () =>
        {
            var buffer = new byte[4];
            for (var i = 0; i < Messages; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(buffer, i);
                await Send(buffer);
                buffer.AsSpan().Fill(0xFF);
            }

            await simulation.Delay(TimeSpan.FromSeconds(1));
        });

        Assert.Equal(Enumerable.Range(0, Messages), got);
    }

    private ValueTask Send(byte[] data) => sender.Host.SendMessage(receiver.Id, Count, data);
}

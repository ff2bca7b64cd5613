using System.Collections.Concurrent;
using System.Net;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>The ports of <see cref="MspDatagrams"/>. Everything but <see cref="DisposeClosed"/> is called under the gate.</summary>
internal sealed class MspPorts(MspDatagrams carrier)
{
    private readonly List<MspPort?> ports = [];
    private readonly List<MspPort> idle = [];
    private readonly ConcurrentQueue<MspPort> closed = new();

    /// <summary>Places for ports; some are empty.</summary>
    public int Count => ports.Count;

    /// <summary>When <see cref="CloseDue"/> has something to do.</summary>
    public Instant NextClosing
    {
        get
        {
            var next = Instant.Never;
            foreach (var port in idle)
                next = Instant.Min(next, port.ClosesAt);
            return next;
        }
    }

    /// <summary>The port at a place; null when there is none.</summary>
    public MspPort? At(int slot) => slot < ports.Count ? ports[slot] : null;

    /// <summary>Opens a port, which <see cref="Use"/> keeps open.</summary>
    /// <exception cref="MsgNetException">The system refused.</exception>
    public MspPort Open(IPAddress ip, int number, bool isChosen)
    {
        var slot = ports.IndexOf(null);
        if (slot < 0)
        {
            slot = ports.Count;
            ports.Add(null);
        }

        var port = new MspPort(carrier, carrier.Platform.OpenPort(ip, number, slot, DatagramPortSettings.Default), isChosen);
        ports[slot] = port;
        idle.Add(port);
        return port;
    }

    /// <summary>A connection or listener uses a port.</summary>
    public void Use(MspPort port)
    {
        if (port.IsIdle)
            idle.Remove(port);
        port.Add();
    }

    /// <summary>One uses it no more.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="port">The port.</param>
    /// <param name="lingers">Its peer may not know yet that all is well.</param>
    public void Release(Instant now, MspPort port, bool lingers)
    {
        port.Remove(now, lingers); // MSP-146
        if (!port.IsIdle)
            return;

        idle.Add(port);
        CloseDue(now);
    }

    /// <summary>Closes the ports that nobody uses, and whose peers have had their time.</summary>
    public void CloseDue(Instant now)
    {
        for (var i = idle.Count - 1; i >= 0; i--)
        {
            if (idle[i].ClosesAt <= now)
                Close(idle[i]);
        }
    }

    /// <summary>Closes all ports.</summary>
    public void CloseAll()
    {
        foreach (var port in ports.ToArray())
        {
            if (port is not null)
                Close(port);
        }
    }

    /// <summary>
    /// Frees what was closed. Never under the gate: it waits for the thread that receives on the port, which may wait for the gate.
    /// </summary>
    public void DisposeClosed()
    {
        while (closed.TryDequeue(out var port))
            port.Dispose();
    }

    private void Close(MspPort port)
    {
        ports[port.Slot] = null;
        idle.Remove(port);
        closed.Enqueue(port);
    }
}

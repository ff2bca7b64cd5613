namespace MsgNet.Benchmarks.Loads;

internal enum Transport
{
    Messi,
    Tcp,
}

namespace MsgNet;

/// <summary>What is left, under a <see cref="Gate"/>, to whoever leaves it.</summary>
internal interface IGateWork
{
    /// <summary>There is something to do. Under the gate.</summary>
    bool IsPending { get; }

    /// <summary>
    /// Begins under the gate; the result goes on outside of it, and then this is called again. Null when all is done, or when others are at
    /// it and come back.
    /// </summary>
    /// <param name="isOver">This thread has done its share: null, and what is left is for another.</param>
    Action? Begin(bool isOver);

    /// <summary>What was begun threw, and its thread goes no further: another must come back. Under the gate.</summary>
    void OnFailed();
}

namespace System.Runtime.CompilerServices;

/// <summary>What the compiler marks the setters of records with; .NET Standard 2.0 lacks it.</summary>
internal static class IsExternalInit
{
}

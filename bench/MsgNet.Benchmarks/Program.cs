using BenchmarkDotNet.Running;

// Everything: -- --filter '*'. A quick look: -- --filter '*Seal*' --job short --inProcess.
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);

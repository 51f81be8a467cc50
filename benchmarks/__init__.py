"""turbo_cmap against its peers, in one process and interleaved: ``python -m benchmarks``."""

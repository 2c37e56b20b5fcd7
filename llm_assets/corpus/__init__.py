"""The pure core: Polars frames in, Polars frames out, in the order the data flows."""

"""The file formats of training parts: the same sequences in the same order in each of them."""

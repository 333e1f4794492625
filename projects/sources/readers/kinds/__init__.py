"""One module a kind of file; each names its `KIND` (or `KINDS`), and being here is all it takes to be known."""

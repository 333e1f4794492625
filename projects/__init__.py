"""The initiatives that the council decides on: people, gates, money, spend, value and proofs."""

import os

# Polars' allocator, which reads this when it is loaded, hands memory back half a second after its last use. Each batch
# of an import needs as much again at once; to fetch it anew costs a tenth of an import's time.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:10000")

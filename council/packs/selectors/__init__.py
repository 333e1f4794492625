"""Reads of packs: what goes into one, who gets which, which are made."""

from council.packs.selectors.basis import Basis, basis_of
from council.packs.selectors.made import full_pack, last_job, left_out_for, open_jobs, pack_for
from council.packs.selectors.whole import pack_context

__all__ = ["Basis", "basis_of", "full_pack", "last_job", "left_out_for", "open_jobs", "pack_context", "pack_for"]

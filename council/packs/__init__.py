"""The review pack: one PDF of a frozen meeting, provable and the same for everybody who may read the whole of it.

*Snapshot*: the page as it was rendered, kept compressed with its hash; the PDF is made of nothing else, so the same
snapshot gives the same bytes. *Version*: a new one is made only when the snapshot differs. *Copy*: the pack of a reader
who is recused, without those items. Figures are those of the freeze. A pack is made whole or not at all.
"""

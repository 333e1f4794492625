"""Know the columns that carry what people wrote or models answered: they are never kept."""

import polars as pl

_WORDS = """
prompt prompts completion completions message messages request response requestbody responsebody answer answers
question questions content input output inputs outputs body requestpayload responsepayload proxyserverrequest
metadata systemprompt instructions conversation transcript chat
"""
_CONTENT = frozenset(_WORDS.split())


def is_content(column: str) -> bool:
    """Say whether a column's name means text that people or models wrote."""
    bare = column.strip().lower().removeprefix("x_").replace("_", "").replace(" ", "").replace("-", "")
    return bare in _CONTENT


def without_content(frame: pl.DataFrame) -> pl.DataFrame:
    """Leave out the columns that carry content."""
    return frame.drop([column for column in frame.columns if is_content(column)])

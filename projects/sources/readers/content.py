"""Know the columns that carry what people wrote or models answered: they are never kept."""

import polars as pl

_WORDS = """
prompt prompts completion completions message messages request response requestbody responsebody answer answers
question questions content input output inputs outputs body requestpayload responsepayload proxyserverrequest
metadata systemprompt instructions conversation transcript chat
"""
_FIGURE = r"^\s*[0-9][0-9.,]{0,30}\s*$"
_CONTENT = frozenset(_WORDS.split())


def is_content(column: str) -> bool:
    """Say whether a column's name means text that people or models wrote."""
    bare = column.strip().lower().removeprefix("x_").replace("_", "").replace(" ", "").replace("-", "")
    return bare in _CONTENT


def without_content(frame: pl.DataFrame, figures: frozenset[str] = frozenset()) -> pl.DataFrame:
    """Leave out the columns that carry content.

    A column of this name that a report counts tokens in, such as `input`, is among the figures: what is one stays.
    """
    named = [column for column in frame.columns if is_content(column)]
    kept = [column for column in named if column in figures]
    frame = frame.drop([column for column in named if column not in figures])
    return frame.with_columns(
        pl.when(pl.col(column).str.contains(_FIGURE)).then(column).alias(column) for column in kept
    )

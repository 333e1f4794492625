"""Tell sums by day apart by one number each, by which they are found several times faster than by five columns."""

import polars as pl

DAY = ("part_id", "group_id", "initiative_id", "currency", "charge_on")
# How many values each has room for in the number, in the order of the index that keeps days apart in the database.
_ROOM = {"part_id": 2**34, "group_id": 2**34, "charge_on": 2**17, "initiative_id": 2**32, "currency": 2**8}
_IDS = ("part_id", "group_id", "initiative_id")
_NOBODY = _ROOM["initiative_id"] - 1  # last, as in the index


class Cells:
    """The numbers of days, groups and so on, with the currencies numbered as they come."""

    def __init__(self) -> None:
        """Begin with no currency known."""
        self._currencies: list[str] = []

    def hold(self, rows: pl.DataFrame) -> bool:
        """Say whether the number has room for all of these, whose currencies are known from then on."""
        new = set(rows["currency"].unique()) - set(self._currencies)
        self._currencies += sorted(new)
        highest = {"currency": len(self._currencies), **rows.select(pl.col(_IDS).max()).row(0, named=True)}
        return all((most or 0) < _ROOM[name] - 1 for name, most in highest.items())

    def number(self) -> pl.Expr:
        """Return the `cell` of charges: each of the columns of a day in its place."""
        numbers = {
            "initiative_id": pl.col("initiative_id").fill_null(_NOBODY),
            "currency": pl.col("currency").cast(pl.Enum(self._currencies)).to_physical(),
            "charge_on": pl.col("charge_on").to_physical(),
        }
        cell = pl.lit(0, pl.Int128)
        for name, room in _ROOM.items():
            cell = cell * room + numbers.get(name, pl.col(name))
        return cell.alias("cell")

    def apart(self, sums: pl.DataFrame) -> pl.DataFrame:
        """Return sums with the columns of a day in place of their `cell`."""
        columns, rest = {}, pl.col("cell")
        for name, room in reversed(_ROOM.items()):
            columns[name], rest = (rest % room).cast(pl.Int64), rest // room
        columns["initiative_id"] = pl.when(columns["initiative_id"] < _NOBODY).then(columns["initiative_id"])
        columns["currency"] = columns["currency"].replace_strict(
            dict(enumerate(self._currencies)), return_dtype=pl.String
        )
        columns["charge_on"] = columns["charge_on"].cast(pl.Int32).cast(pl.Date)
        return sums.select(*(columns[name].alias(name) for name in DAY), pl.exclude("cell"))

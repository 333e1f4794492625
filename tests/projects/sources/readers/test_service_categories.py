import polars as pl
import pytest

from projects.sources.readers.closed_lists import SERVICE_CATEGORIES
from projects.sources.readers.service_categories import _table, category_of


@pytest.mark.parametrize("provider", ["aws", "azure"])
def test_the_tables_know_the_categories_of_focus_only(provider: str) -> None:
    assert set(_table(provider).values()) <= set(SERVICE_CATEGORIES)  # type: ignore[arg-type]
    assert len(_table(provider)) > 90  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("provider", "product", "category"),
    [
        ("aws", "AmazonS3", "Storage"),
        ("aws", "amazons3", "Storage"),
        ("aws", "Unheard", None),
        ("azure", "Microsoft.Compute", "Compute"),
        ("azure", "MICROSOFT.COMPUTE", "Compute"),
        ("azure", None, None),
    ],
)
def test_a_product_is_found_whatever_its_case(provider: str, product: str | None, category: str | None) -> None:
    frame = pl.DataFrame({"product": [product]}, schema={"product": pl.String})

    assert frame.select(category_of(pl.col("product"), provider)).item() == category  # type: ignore[arg-type]

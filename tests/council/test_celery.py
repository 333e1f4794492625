"""Messages that cannot be sent do not undo what was committed."""

import pytest

from council.celery import app


@app.task
def _unsendable() -> None:
    """Do nothing; it is only sent."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["delay_on_commit", "apply_async_on_commit"])
def test_a_broker_that_is_down_does_not_fail_the_act_that_was_committed(
    method: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise ConnectionError("broker is down")

    monkeypatch.setattr(_unsendable, "apply_async", refuse)

    getattr(_unsendable, method)()

    assert "broker is down" in caplog.text

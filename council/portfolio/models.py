"""Views of the portfolio that people come back to."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


class SavedView(models.Model):
    """A name for filters, order and shape of the portfolio; one's own, or shared with everybody who reads it."""

    name = models.CharField(max_length=80)
    query = models.CharField(max_length=1000, blank=True)
    is_shared = models.BooleanField(default=False)
    saved_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        ordering = (Lower("name"), "id")
        constraints = (
            models.UniqueConstraint(Lower("name"), "saved_by", name="one_saved_view_a_name"),
            models.CheckConstraint(name="saved_view_named", condition=~Q(name="")),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def audit_stream(self) -> str:
        """Return the stream that all saved views share."""
        return "portfolio"

    @property
    def url(self) -> str:
        """Return the address of the view."""
        return f"/portfolio/?{self.query}"

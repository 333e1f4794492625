"""The file of a gateway, and how much an import leaves."""

from projects.sources.models import Delivery, DeliveryPart
from projects.spend.models import SpendDay, SpendFact, SpendMonth
from tests.projects.spend.samples import FOCUS

GATEWAY = FOCUS / "litellm_focus_servegen_m_small.csv"


def everything():
    return {
        model.__name__: model.objects.count() for model in (Delivery, DeliveryPart, SpendFact, SpendDay, SpendMonth)
    }

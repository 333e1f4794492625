"""Small portfolios to import, and how much an import leaves."""

from projects.audit.models import AuditEvent
from projects.initiatives.models import Initiative, OpeningDecision, Participation, StageMove
from projects.intake.models import ImportedMilestone, ImportedRow, PortfolioFile, PortfolioImport
from projects.intake.services import (
    Delivered,
    Order,
    import_portfolio,
)
from projects.milestones.models import Milestone, MilestoneBaseline
from projects.people.models import User

ROWS = "id,org,name,aims,stage,budget,actual\nP1,DOE,Grid,To see,Pilot,$100,$50\nP2,DOE,Chat,To talk,Idea,,\n"
PLAN = (
    "id,project,name,due,completed on\nM1,P1,Design,2026-01-31,2026-01-30\nM2,P1,Build,2026-03-31,\n"
    "M3,P9,Lost,2026-03-31,\n"
)


def order(text=ROWS, plan=None, **more):
    milestones = None if plan is None else Delivered("plan.csv", plan.encode())
    return Order(Delivered("portfolio.csv", text.encode()), milestones=milestones, **more)


def imported(given, at, **people):
    report = import_portfolio(order=given, at=at, **people).as_dict()
    assert report["rows"] == report["accepted"] + report["merged"] + report["refused"]
    return report


def everything():
    models = (Initiative, OpeningDecision, Participation, StageMove, ImportedRow, PortfolioImport, PortfolioFile)
    return [
        model.objects.count() for model in (*models, AuditEvent, Milestone, MilestoneBaseline, ImportedMilestone, User)
    ]

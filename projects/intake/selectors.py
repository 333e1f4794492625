"""What is here already: initiatives of an organisation and id, names that look alike, people who may sign."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from django.db.models import Q

from projects.initiatives.models import Initiative, Participation
from projects.intake.import_look_alikes import Named, likenesses
from projects.intake.models import ImportedMilestone
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may

Identity = tuple[str, str]


def initiatives_here(identities: Collection[Identity]) -> dict[Identity, Initiative]:
    """Return the initiatives of these organisations and ids, with what their rows told; one query."""
    found = Initiative.objects.filter(
        external_organisation__in={organisation for organisation, _ in identities},
        external_id__in={external_id for _, external_id in identities},
    ).select_related("imported_row")
    here = {(initiative.external_organisation, initiative.external_id): initiative for initiative in found}
    return {identity: here[identity] for identity in identities if identity in here}


def identities_here() -> list[Identity]:
    """Return organisation and id of every initiative that came from a file."""
    rows = Initiative.objects.exclude(external_id="").values_list("external_organisation", "external_id")
    return list(rows)


def known_milestones(initiatives: Mapping[Identity, Initiative]) -> set[tuple[str, str, str]]:
    """Return organisation, project and id of every milestone that these initiatives got from a file."""
    identity = {initiative.pk: key for key, initiative in initiatives.items()}
    rows = ImportedMilestone.objects.filter(initiative_id__in=identity).values_list("initiative_id", "external_id")
    return {(*identity[pk], external_id) for pk, external_id in rows}


def where_interested(initiative_ids: Collection[int], person: User) -> set[int]:
    """Return the initiatives among these in which a person takes or took part."""
    spells = Participation.objects.filter(initiative_id__in=initiative_ids, user=person)
    owned = Initiative.objects.filter(pk__in=initiative_ids).filter(
        Q(business_owner=person)
        | Q(technical_owner=person)
        | Q(budget_owner=person)
        | Q(sponsor=person)
        | Q(business_owner__line_manager=person)
    )
    return {*spells.values_list("initiative_id", flat=True), *owned.values_list("pk", flat=True)}


def look_alikes(initiatives: Sequence[Initiative]) -> dict[int, list[tuple[Initiative, Decimal]]]:
    """Return for each new initiative the older ones of its organisation, or of ours, with a similar name."""
    groups = {initiative.external_organisation for initiative in initiatives} | {""}
    older = (
        Initiative.objects.filter(external_organisation__in=groups)
        .exclude(pk__in=[initiative.pk for initiative in initiatives])
        .only("pk", "key", "name", "stage", "external_organisation")
        .order_by("pk")
    )
    by_pk = {initiative.pk: initiative for initiative in (*older, *initiatives)}
    found = likenesses(map(_named, older), map(_named, initiatives))
    return {pk: [(by_pk[likeness.number], likeness.similarity) for likeness in alike] for pk, alike in found.items()}


def _named(initiative: Initiative) -> Named:
    return Named(initiative.pk, initiative.external_organisation, initiative.name)


def people_by_name() -> dict[str, User | None]:
    """Return active people by user name, e-mail and full name in lower case; None where several share one."""
    people: dict[str, User | None] = {}
    for user in User.objects.filter(is_active=True, is_service=False):
        for name in {user.username.lower(), user.email.lower(), user.full_name.lower()} - {""}:
            people[name] = user if name not in people else None
    return people


def person_called(name: str) -> User | None:
    """Return the one active person of a user name, e-mail address or full name."""
    return people_by_name().get(name.strip().lower())


def signers(by: User | None = None) -> tuple[User | None, User | None]:
    """Return who imports (default: the first person who may) and the first other who may countersign, or None."""
    people = list(User.objects.filter(is_active=True, is_service=False).order_by("pk"))
    first = by or next((user for user in people if may(user, Permission.IMPORT_PORTFOLIO)), None)
    if first is None:
        return None, None
    return first, next((user for user in people if user != first and may_countersign(user)), None)


def may_countersign(user: User) -> bool:
    """Say whether a person may be the second to sign an opening decision."""
    return may(user, Permission.CHAIR_ACTION) or may(user, Permission.IMPORT_PORTFOLIO)

import pytest

from projects.intake.selectors import may_countersign, people_by_name, person_called, signers

pytestmark = pytest.mark.django_db


def test_people_are_found_by_user_name_mail_and_full_name(fiona):
    assert person_called("fiona") == person_called(" FIONA@example.com ") == person_called("Fiona") == fiona
    assert person_called("nobody") is None


def test_a_name_that_several_share_is_nobodys(person):
    person("Kim")
    other = person("Kim2")
    other.full_name = "Kim"
    other.save()

    assert people_by_name()["kim"] is None
    assert person_called("kim2") == other


def test_who_left_and_service_accounts_are_not_found(person):
    person("Gone", is_active=False)
    person("Robot", is_service=True)

    assert person_called("gone") is None
    assert person_called("robot") is None


def test_the_first_two_people_who_may_sign(olga, fiona, frank):
    assert signers() == (fiona, frank)
    assert signers(frank) == (frank, fiona)


def test_one_person_alone_imports_and_nobody_countersigns(fiona, olga):
    assert signers() == (fiona, None)


def test_without_people_nobody_signs(olga):
    assert signers() == (None, None)


@pytest.mark.parametrize(
    ("role", "may"), [("finance", True), ("administrator", False), ("secretary", False), ("registrant", False)]
)
def test_finance_countersigns_and_administrators_do_no_business_act(person, role, may):
    assert may_countersign(person("Vera", role)) is may

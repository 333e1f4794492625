"""What reviewers, secretary, chair and members do in the browser."""

import hashlib
import re
from datetime import date, timedelta
from pathlib import Path

from council.decisions.models import Decision
from council.meetings.models import AgendaItem, Meeting
from council.packs.models import Pack
from projects.gates.models import GateRequest
from tests.journeys.cast import PASSWORD, Cast


def judge_all(open_browser, gate: GateRequest) -> GateRequest:
    """Let every reviewer who is asked find everything met."""
    while review := gate.reviews.filter(state="open").order_by("pk").first():
        page = open_browser(review.reviewer)
        page.goto(f"/reviews/{gate.key}/?topic={review.topic}")
        page.wait_for_selector("#review-form")
        for radio in page.locator("input[type=radio][value=met]").all():
            radio.check(force=True)
        page.get_by_label("Ready", exact=True).check(force=True)
        page.get_by_role("button", name="Finish review").click()
        page.wait_for_url("**/reviews/")
        assert not gate.reviews.filter(pk=review.pk, state="open").exists()
        page.close()
    return GateRequest.objects.get(pk=gate.pk)


def prepare_meeting(page, held_on: date) -> Meeting:
    """Plan a sitting, build its agenda, send notice, freeze."""
    page.goto("/meetings/")
    page.get_by_label("Day").fill(held_on.isoformat())
    page.get_by_role("button", name="Plan the meeting").click()
    page.wait_for_url(f"**/meetings/{held_on}/")
    for act, state in (("Build agenda", "draft"), ("Send notice", "notice_sent"), ("Freeze pack", "pack_frozen")):
        page.get_by_role("button", name=act).click()
        page.wait_for_load_state()
        assert Meeting.objects.get(held_on=held_on).state == state
    return Meeting.objects.get(held_on=held_on)


def make_pack(page, worker, meeting: Meeting) -> Pack:
    """Let the worker make the pack, and download the PDF that its hash names."""
    page.goto(f"/meetings/{meeting.held_on}/pack/")
    page.get_by_role("button", name="Make the pack").click()
    pack = worker.wait_until(lambda: Pack.objects.filter(meeting=meeting).first(), seconds=60, what="the pack")
    page.goto(f"/meetings/{meeting.held_on}/pack/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download PDF").click()
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(b"%PDF-")
    assert hashlib.sha256(content).hexdigest() == pack.pdf_sha256
    return pack


def open_meeting(page, meeting: Meeting, present: list[str]) -> None:
    """Open the meeting and note who is there."""
    page.goto(f"/meetings/{meeting.held_on}/")
    page.get_by_role("button", name="Open the meeting").click()
    page.wait_for_url(f"**/meetings/{meeting.held_on}/room/**")
    for name in present:
        page.get_by_role("checkbox", name=re.compile(f"^{name}")).check()
    page.get_by_role("button", name="Note attendance").click()
    page.wait_for_selector(f"text={len(present)} noted as present.")


def room_of(item: AgendaItem) -> str:
    """Return the address of the room with an item in hand."""
    return f"/meetings/{item.meeting.held_on}/room/?item={item.number}"


def call(page, item: AgendaItem) -> None:
    """Call an item."""
    page.goto(room_of(item))
    page.get_by_role("button", name=f"Call item {item.number}").click()
    page.wait_for_selector("text=is called.")


def declare_conflict(open_browser, member, item: AgendaItem) -> None:
    """Step back from an item; it is gone from the member's room."""
    page = open_browser(member)
    page.goto(room_of(item))
    page.get_by_text("Recuse yourself from this item").click()
    page.get_by_label("What is the conflict?").fill("My brother sells them the model.")
    page.get_by_role("button", name="Declare the conflict").click()
    page.wait_for_selector("text=You are recused")
    assert item.attendance.get(term__user=member).is_recused
    page.close()


def put_motion(page, people: Cast, item: AgendaItem, amount: str) -> None:
    """Move Go with conditions, with one condition."""
    page.goto(room_of(item))
    form = page.locator("form[action$='/motion/']")
    form.locator("select[name=outcome]").select_option("go_with_conditions")
    form.locator("input[name=amount]").fill(amount)
    form.locator("[name=reason]").fill("It finds rings; the spend has an owner now.")
    form.locator("[name=conditions-0-text]").fill("Alert at 90% of the tranche.")
    form.locator("[name=conditions-0-owner]").select_option(label=str(people.olga))
    form.locator("[name=conditions-0-verifier]").select_option(label=str(people.felix))
    form.locator("[name=conditions-0-due_on]").fill((date.today() + timedelta(days=30)).isoformat())
    form.locator("[name=conditions-0-blocks]").select_option("next_gate")
    page.get_by_role("button", name="Put the motion").click()
    page.wait_for_selector("text=Members may vote.")


def vote_for(open_browser, member, item: AgendaItem) -> None:
    """Vote for the motion, in person."""
    page = open_browser(member)
    page.goto(room_of(item))
    page.locator("button[name=choice][value=for]").click()
    page.wait_for_selector("text=You voted for")
    page.close()


def declare_result(page, item: AgendaItem) -> Decision:
    """Declare the motion carried."""
    page.goto(room_of(item))
    page.get_by_role("button", name="Declare the result").click()
    page.wait_for_selector("text=Carried:")
    return Decision.objects.get(item=item)


def sign(page, meeting: Meeting):
    """Sign the spend list as a whole; a wrong password signs nothing."""
    page.goto(f"/meetings/{meeting.held_on}/spend-list/")
    page.get_by_label("Your password, again").fill("not the password")
    page.get_by_role("button", name="Sign the list").click()
    page.wait_for_selector("#password-error")
    assert not meeting.spend_lists.exists()
    page.get_by_label("Your password, again").fill(PASSWORD)
    page.get_by_role("button", name="Sign the list").click()
    page.wait_for_selector("text=Signed:")
    return meeting.spend_lists.get()

"""A ward with something to do on every page of the console, and staff of each role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from bot.channels.simulator import CHANNEL, Phone
from bot.staff import notices
from bot.staff.access import ROLES
from bot.staff.accounts import Staff
from bot.staff.tables import staff_notice
from bot.store.tables import alert, picture, question
from scheduler import enrolments, people
from scheduler.enrolments import NewEnrolment
from tests.pictures.images import drawn
from tests.support.console import House

DAY = date(2026, 3, 2)


@dataclass(frozen=True)
class Ward:
    """Whom and what there is; each number is an id."""

    house: House
    staff: dict[str, Staff]
    """One member of each role."""
    spare: Staff
    """Somebody to be disabled."""
    patient: int
    """Connected and agreed to everything."""
    invited: int
    """Not connected yet."""
    alerts: tuple[int, ...]
    questions: tuple[int, ...]
    notices: tuple[int, ...]
    photo: int
    """One the patient sent."""

    def path(self, pattern: str) -> str:
        """The address of a route, about something there is."""
        subject = pattern.split("/")[1]
        # An answered question is not closed as well.
        asked = self.questions[-1] if pattern.endswith("/close") else self.questions[0]
        first = {
            "patients": self.invited if pattern.endswith("/card") else self.patient,
            "alerts": self.alerts[0],
            "questions": asked,
            "notices": self.notices[0],
            # The first line of the rota, once there is one.
            "rota": 1,
        }.get(subject, 0)
        numbers = {"{id}": first, "{staff_id:int}": self.spare.id, "{photo}": self.photo}
        for name, number in numbers.items():
            pattern = pattern.replace(name, str(number))
        return pattern


async def settle(house: House) -> Ward:
    """Fill an empty system."""
    app, now = house.app, house.clock.now()
    staff = {role: await house.member(f"one-{role}", role) for role in ROLES}
    await house.member("second-admin", "admin")
    spare = await house.member("spare", "nurse")
    patient, invited = [await _enrol(house, name) for name in ("Asha Example", "Bhola Example")]
    async with app.store.write() as conn:
        view = await enrolments.view(conn, app.store.keys, patient)
        address_id = await people.ensure_address(conn, app.store.keys, CHANNEL, "ward-phone", now)
        await people.set_chat_language(conn, address_id, "en")
        await enrolments.connect(conn, patient, view.person_id, address_id, "patient", now)
        for purpose in ("reminders", "sharing"):
            await enrolments.agree(conn, app.content, patient, view.person_id, purpose, "en", now)
        await notices.note(conn, app.store.keys, app.content, "link-locked", patient, now)
    phone = Phone("ward-phone", app.inbox, house.clock)
    for text in (
        "I cannot pass urine since morning",
        "care team",
        "Where is my walking stick?",
        "care team",
        "Who has the second copy of my file?",
    ):
        await phone.type(text)
    await phone.send_picture(drawn())
    await app.fetcher.tick()
    async with app.store.read() as conn:
        photos = (await conn.scalars(select(picture.c.id).where(picture.c.state == "kept"))).all()
        alerts = (await conn.scalars(select(alert.c.id))).all()
        questions = (await conn.scalars(select(question.c.id))).all()
        noticed = (await conn.scalars(select(staff_notice.c.id))).all()
    return Ward(house, staff, spare, patient, invited, tuple(alerts), tuple(questions), tuple(noticed), photos[0])


async def _enrol(house: House, name: str) -> int:
    app = house.app
    request = NewEnrolment(name=name, language="en", journey="mis-tlif", surgery_on=DAY, year_of_birth=1960)
    async with app.store.write() as conn:
        made = await enrolments.enrol(conn, app.store.keys, app.content, request, app.clock.now())
    return made.enrolment_id

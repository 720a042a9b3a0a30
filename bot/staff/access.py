"""May this member of staff? Denied unless granted: a role may do what stands here, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Permission(StrEnum):
    """Something a member of staff may be allowed to do."""

    SEE_PATIENTS = "see_patients"
    CHANGE_PATIENTS = "change_patients"
    ENROL = "enrol"
    SEE_ALERTS = "see_alerts"
    ACT_ON_ALERTS = "act_on_alerts"
    ANSWER_QUESTIONS = "answer_questions"
    OWN_ACCOUNT = "own_account"
    MANAGE_STAFF = "manage_staff"
    READ_AUDIT = "read_audit"


_CARE = frozenset(
    {
        Permission.SEE_PATIENTS,
        Permission.CHANGE_PATIENTS,
        Permission.ENROL,
        Permission.SEE_ALERTS,
        Permission.ACT_ON_ALERTS,
        Permission.ANSWER_QUESTIONS,
        Permission.OWN_ACCOUNT,
    }
)

ADMIN = "admin"

ROLES: Mapping[str, frozenset[Permission]] = MappingProxyType(
    {
        "nurse": _CARE,
        "clinician": _CARE,
        # In a small department the first administrator also enrols the first patient.
        ADMIN: _CARE | {Permission.MANAGE_STAFF, Permission.READ_AUDIT},
        # Whoever checks what was done to patients need not read what patients wrote.
        "auditor": frozenset({Permission.READ_AUDIT, Permission.OWN_ACCOUNT}),
    }
)
"""What each role may do."""


def may(role: str, permission: Permission) -> bool:
    """Whether `role` was granted `permission`; a role nobody knows was granted nothing."""
    return permission in ROLES.get(role, frozenset())

"""Every error of opswarden, named by who must act.

OpswardenError
├── ConfigError        the operator: configuration, policies or keys are wrong at start        exit 2
├── InputError         whoever supplied the input: a file, a folder, an argument               exit 2
├── BackendError       the owner of a system we read from or write to                          exit 3
│   ├── ModelError     the owner of a language-model endpoint
│   └── NotDelivered   the owner of the place where people are told; the run can go on with that
├── ToolRetry          the model: the arguments can be mended and tried again
├── ToolFailed         nobody now: the call is final and the model sees that it failed
├── CallDenied         whoever wants the call: a policy, a budget or the kill switch says no   exit 4
├── ApprovalRequired   a person: a stored approval waits for an answer                         exit 5
├── RedactionError     the operator: text is withheld because it could not be cleaned          exit 3
└── LedgerError        the operator: nothing with an effect runs without a record              exit 3

Messages name the thing and the remedy; they never repeat argument values or text from outside.
"""

from __future__ import annotations

from typing import ClassVar


class OpswardenError(Exception):
    """Base of all errors that a caller may want to handle.

    Args:
        message: one line of what happened.
        remedy: one line of what to do; empty when there is nothing to do.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class ConfigError(OpswardenError):
    """The configuration, a policy file or a key is wrong; the operator mends it before anything runs."""

    exit_code = 2


class InputError(OpswardenError):
    """A file, folder or argument handed in cannot be used; whoever supplied it acts."""

    exit_code = 2


class BackendError(OpswardenError):
    """A system we depend on failed or did not answer before its deadline."""

    exit_code = 3


class NotDelivered(BackendError):
    """What people were to be told did not reach them; the run keeps its place, and goes on with telling them."""


class ModelError(BackendError):
    """A language-model endpoint failed, refused or answered something unusable.

    Args:
        retryable: whether the same request may succeed later (429, 5xx, time-out).
    """

    def __init__(self, message: str, *, remedy: str = "", retryable: bool = False) -> None:
        super().__init__(message, remedy=remedy)
        self.retryable = retryable


class ToolRetry(OpswardenError):
    """The arguments do not fit; the model may mend them and call again."""

    exit_code = 2


class ToolFailed(OpswardenError):
    """The call ended without a usable result and will not be tried again."""

    exit_code = 3


class CallDenied(OpswardenError):
    """Policy, budget, stage or kill switch said no.

    Args:
        code: the stable code of the decision: a policy id, `default-deny`, `engine-error`, …
    """

    exit_code = 4

    def __init__(self, message: str, *, code: str, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.code = code


class ApprovalRequired(OpswardenError):
    """A person has to answer before the run can go on."""

    exit_code = 5

    def __init__(self, message: str, *, approval_id: str, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.approval_id = approval_id


class RedactionError(OpswardenError):
    """Text could not be proven clean and is withheld."""

    exit_code = 3


class LedgerError(OpswardenError):
    """The ledger cannot be written or read; nothing with an effect runs."""

    exit_code = 3

"""Errors with a stable code. The door that catches one (page, job, command) decides how to say it."""


class HotlineError(Exception):
    """Something a person can act on. `code` is stable; the text says what to do."""

    code = "error"


class NotFound(HotlineError):
    code = "not_found"


class NotAllowed(HotlineError):
    code = "not_allowed"


class ChangedMeanwhile(HotlineError):
    """Somebody else has changed it since this person looked."""

    code = "changed_meanwhile"


class TransitionRefused(HotlineError):
    """A state change that the table of moves does not allow."""

    code = "transition_refused"

    def __init__(self, noun: str, old: str, new: str) -> None:
        super().__init__(f"a {noun} that is {old} cannot become {new}")
        self.noun, self.old, self.new = noun, old, new


class InvalidInput(HotlineError):
    """Bad input; `field` names what to mend."""

    code = "invalid_input"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field, self.message = field, message


class ConsentMissing(HotlineError):
    """A firm may not get a citizen's contact without recorded consent."""

    code = "consent_missing"


class ProviderError(HotlineError):
    """An outside party refused or failed. `permanent` decides whether trying again makes sense."""

    code = "provider_error"

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent

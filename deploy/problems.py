"""What the service refuses, as the command line says it."""

import json


class ServiceError(OSError):
    """The service answered with a problem; the message is its detail. `status` is that of HTTP, `code` that of the
    error registry where the answer had one."""

    def __init__(self, detail: str, status: int, code: str | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code

    @property
    def exit_code(self) -> int:
        """Of a command that ends with this: 2 where what was asked for is at fault, 1 where the work failed."""
        return 2 if 400 <= self.status < 500 else 1

    @classmethod
    def of(cls, body: bytes, status: int) -> "ServiceError":
        """From the body of an answer: a problem document, or `{"error": …}` of the chat routes."""
        try:
            problem = json.loads(body)
            detail = problem["detail"] if "detail" in problem else problem["error"]
        except (ValueError, KeyError, TypeError):
            return cls(f"the service answered with status {status}", status)
        return cls(str(detail), int(problem.get("status") or status), problem.get("code"))

    def about(self, what: object) -> "ServiceError":
        """The same, saying what it is about."""
        return ServiceError(f"{what}: {self}", self.status, self.code)

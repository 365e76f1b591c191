"""`search` and `view`: finding the messages of other screenshots in a processed session."""

from starlette.responses import Response

from contracts.errors import SESSION_NOT_PROCESSED
from contracts.resources import SearchResult, TaskAccepted, ViewResult
from gateway.endpoint import Call, Endpoint
from gateway.operations import IDEMPOTENCY_KEY, PREFER, SESSION_ID, AnswerSpec, FilesBody, Operation
from gateway.routes.screenshots import IMAGE_ERRORS, only_file, some_files
from gateway.services import Services
from gateway.waiting import respond

_ACCEPTED = AnswerSpec(202, "Still at work.", TaskAccepted, headers=("Location", "Preference-Applied"))
SEARCH = Operation(
    method="POST",
    path="/sessions/{session_id}/search",
    name="searchMessages",
    tag="Sessions",
    summary="Find the messages of a screenshot",
    description="Reads the image and finds its messages in the session: fuzzily (similarity of 85 % or more), in "
    "order. The image does not become part of the session.",
    parameters=(SESSION_ID, PREFER, IDEMPOTENCY_KEY),
    files=FilesBody("file", many=False, description="The image to search for."),
    answers=(AnswerSpec(200, "What was found.", SearchResult, headers=("Preference-Applied",)), _ACCEPTED),
    errors=(*IMAGE_ERRORS, SESSION_NOT_PROCESSED),
)
VIEW = Operation(
    method="POST",
    path="/sessions/{session_id}/view",
    name="viewMessages",
    tag="Sessions",
    summary="The analysis of the messages of several screenshots",
    description="As `search`, for several images at once, with the analysis of the messages found.",
    parameters=(SESSION_ID, PREFER, IDEMPOTENCY_KEY),
    files=FilesBody("files", many=True, description="The images, each as a part of its own."),
    answers=(AnswerSpec(200, "What was found.", ViewResult, headers=("Preference-Applied",)), _ACCEPTED),
    errors=(*IMAGE_ERRORS, SESSION_NOT_PROCESSED),
)


def endpoints(services: Services) -> list[Endpoint]:
    """The routes of this module."""
    tasks = services.tasks

    async def search(call: Call) -> Response:
        session_id = call.path("session_id")
        await services.sessions.processed(call.owner, session_id)
        work = await tasks.search(call.owner, session_id, call.ids.new(), only_file(call, "file"))
        return await respond(services.stores, services.events, work, call.preference)

    async def view(call: Call) -> Response:
        session_id = call.path("session_id")
        await services.sessions.processed(call.owner, session_id)
        work = await tasks.view(call.owner, session_id, call.ids.new(), some_files(call, "files"))
        return await respond(services.stores, services.events, work, call.preference)

    return [Endpoint(SEARCH, search), Endpoint(VIEW, view)]

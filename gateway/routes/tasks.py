"""`GET /result/{task_id}`: the state of work that a POST has started."""

from typing import Literal

from starlette.responses import Response

from contracts.errors import TASK_NOT_FOUND
from contracts.resources import Task, TaskView
from gateway.endpoint import Call, Endpoint, answer
from gateway.operations import TASK_ID, AnswerSpec, Operation
from gateway.services import Services

RESULT = Operation(
    method="GET",
    path="/result/{task_id}",
    name="getResult",
    tag="Tasks",
    summary="The state and result of a task",
    description="`processing`, `done` with the `result` that the POST would have answered, `failed` with the "
    "`error` as a problem document, or, for turns of a conversation, `cancelled`.",
    parameters=(TASK_ID,),
    answers=(AnswerSpec(200, "The task.", TaskView),),
    errors=(TASK_NOT_FOUND,),
)


def endpoints(services: Services) -> list[Endpoint]:
    """The routes of this module."""

    async def result(call: Call) -> Response:
        return answer(_view(await services.tasks.get(call.owner, call.path("task_id"))))

    return [Endpoint(RESULT, result)]


def _view(task: Task) -> TaskView:
    status: Literal["processing", "done", "failed", "cancelled"] = "processing"
    if task.status in ("done", "failed", "cancelled"):
        status = task.status
    return TaskView(
        task_id=task.task_id,
        status=status,
        kind=task.kind,
        session_id=task.session_id,
        result=task.result,
        error=task.problem,
    )

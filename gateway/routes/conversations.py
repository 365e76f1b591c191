"""Simulated conversations: `POST /start-conversation` and `/continue-conversation`; and every conversation, whatever
its kind, under `/conversations`."""

from starlette.responses import Response

from contracts.conversations import (
    CancellationAccepted,
    ContinueConversation,
    ConversationContinued,
    ConversationPage,
    ConversationStarted,
    ConversationView,
    StartConversation,
    Turn,
    TurnPage,
)
from contracts.errors import (
    AI_ENGINE_FAILED,
    AI_ENGINE_TIMEOUT,
    BAD_REQUEST,
    CANCELLED,
    CONVERSATION_NOT_FOUND,
    INVALID_CURSOR,
    MISSING_PARAMETER,
    TokstreamError,
)
from contracts.resources import TaskAccepted
from gateway.conversations import required_text, view_of
from gateway.endpoint import Call, Endpoint, answer
from gateway.operations import CONVERSATION_ID, IDEMPOTENCY_KEY, PREFER, AnswerSpec, Operation, Parameter
from gateway.services import Services
from gateway.tasks import MAX_RELATIONSHIP, MAX_RELATIONSHIP_INFO
from gateway.waiting import respond

PAGE, LARGEST_PAGE = 50, 200
AFTER = Parameter("after", "query", "The `next` of the page before.")
LIMIT = Parameter("limit", "query", f"Entries of a page; {PAGE} if left out.", kind=int, maximum=LARGEST_PAGE)
STILL_AT_WORK = AnswerSpec(
    202,
    "Still at work: the stream has the reply, word by word.",
    TaskAccepted,
    headers=("Location", "Preference-Applied"),
)
ENGINE_ERRORS = (AI_ENGINE_FAILED, AI_ENGINE_TIMEOUT, CANCELLED)

START = Operation(
    method="POST",
    path="/start-conversation",
    name="startConversation",
    tag="Conversations",
    summary="Start a simulated conversation",
    description="The AI plays somebody of the given relationship, a code such as FRIEND, SUPERIOR or LOVER or free "
    "text such as 연인 or 직장 상사, and speaks first. `relationship_info` may say more.",
    parameters=(PREFER, IDEMPOTENCY_KEY),
    form=StartConversation,
    answers=(
        AnswerSpec(200, "The first message.", ConversationStarted, headers=("Preference-Applied",)),
        STILL_AT_WORK,
    ),
    errors=(MISSING_PARAMETER, *ENGINE_ERRORS),
)
CONTINUE = Operation(
    method="POST",
    path="/continue-conversation",
    name="continueConversation",
    tag="Conversations",
    summary="Say something in a simulated conversation",
    description="Answers with the reply and a judgement of what was said. Turns of one conversation are spoken in the "
    "order in which they came.",
    parameters=(PREFER, IDEMPOTENCY_KEY),
    form=ContinueConversation,
    answers=(
        AnswerSpec(200, "The reply and the judgement.", ConversationContinued, headers=("Preference-Applied",)),
        STILL_AT_WORK,
    ),
    errors=(MISSING_PARAMETER, CONVERSATION_NOT_FOUND, *ENGINE_ERRORS),
)
LIST = Operation(
    method="GET",
    path="/conversations",
    name="listConversations",
    tag="Conversations",
    summary="The conversations",
    description="All of the caller, the newest first.",
    parameters=(AFTER, LIMIT),
    answers=(AnswerSpec(200, "A page of conversations.", ConversationPage),),
    errors=(INVALID_CURSOR,),
)
VIEW = Operation(
    method="GET",
    path="/conversations/{conversation_id}",
    name="getConversation",
    tag="Conversations",
    summary="A conversation",
    description="Its kind, its relationship, and the stream to subscribe to.",
    parameters=(CONVERSATION_ID,),
    answers=(AnswerSpec(200, "The conversation.", ConversationView),),
    errors=(CONVERSATION_NOT_FOUND,),
)
TURNS = Operation(
    method="GET",
    path="/conversations/{conversation_id}/turns",
    name="listTurns",
    tag="Conversations",
    summary="What was said",
    description="The turns in the order in which they were spoken, each with its judgement; those that still wait "
    "for their turn have number 0 and come first.",
    parameters=(CONVERSATION_ID, AFTER, LIMIT),
    answers=(AnswerSpec(200, "A page of turns.", TurnPage),),
    errors=(CONVERSATION_NOT_FOUND, INVALID_CURSOR),
)
CANCEL = Operation(
    method="POST",
    path="/conversations/{conversation_id}/cancel",
    name="cancelConversation",
    tag="Conversations",
    summary="Stop the reply",
    description="Stops the reply that is being written and the turns that wait; what was said stays. Idempotent. The "
    "stream tells when it has happened (`message.cancelled`).",
    parameters=(CONVERSATION_ID,),
    answers=(AnswerSpec(202, "The turns that are being stopped.", CancellationAccepted),),
    errors=(CONVERSATION_NOT_FOUND,),
)
DELETE = Operation(
    method="DELETE",
    path="/conversations/{conversation_id}",
    name="deleteConversation",
    tag="Conversations",
    summary="Delete a conversation",
    description="With its turns and events; a reply that is being written is stopped.",
    parameters=(CONVERSATION_ID,),
    answers=(AnswerSpec(204, "It is gone."),),
    errors=(CONVERSATION_NOT_FOUND,),
)


def endpoints(services: Services) -> list[Endpoint]:
    """The routes of this module."""
    conversations = services.conversations

    async def start(call: Call) -> Response:
        relationship = required_text("relationship", call.text("relationship"), MAX_RELATIONSHIP)
        info = call.text("relationship_info")
        if info is not None and len(info) > MAX_RELATIONSHIP_INFO:
            detail = f"relationship_info may have at most {MAX_RELATIONSHIP_INFO} characters."
            raise TokstreamError(BAD_REQUEST, detail, field="relationship_info")
        task_id, thread = call.ids.new(), f"thread_{call.ids.new()}"
        call.subject.id = thread
        opening = conversations.open(call.owner, thread, "thread", relationship=relationship, relationship_info=info)
        work = await conversations.begin(opening, call.owner, thread, task_id, "start", Turn())
        return await respond(services.stores, services.events, work, call.preference)

    async def go_on(call: Call) -> Response:
        message = required_text("message", call.text("message"))
        thread = required_text("thread_id", call.text("thread_id"))
        conversation = await conversations.get(call.owner, thread)
        if conversation.kind != "thread":
            raise TokstreamError(BAD_REQUEST, "This conversation is not a thread.", field="thread_id")
        call.subject.id = thread
        work = await conversations.speak(conversation, call.ids.new(), "continue", Turn(input=message))
        return await respond(services.stores, services.events, work, call.preference)

    async def page(call: Call) -> Response:
        after = call.request.query_params.get("after")
        return answer(await conversations.page(call.owner, after, call.number("limit", PAGE, LARGEST_PAGE)))

    async def view(call: Call) -> Response:
        return answer(view_of(await conversations.get(call.owner, call.path("conversation_id"))))

    async def turns(call: Call) -> Response:
        after, limit = call.request.query_params.get("after"), call.number("limit", PAGE, LARGEST_PAGE)
        return answer(await conversations.turns(call.owner, call.path("conversation_id"), after, limit))

    async def cancel(call: Call) -> Response:
        return answer(await conversations.cancel(call.owner, call.path("conversation_id")), 202)

    async def delete(call: Call) -> Response:
        await conversations.delete(call.owner, call.path("conversation_id"))
        return Response(status_code=204)

    return [
        Endpoint(START, start),
        Endpoint(CONTINUE, go_on),
        Endpoint(LIST, page),
        Endpoint(VIEW, view),
        Endpoint(TURNS, turns),
        Endpoint(CANCEL, cancel),
        Endpoint(DELETE, delete),
    ]

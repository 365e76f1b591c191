"""What to say first to what somebody feels, by the words they used: 혼났어 → 많이 속상했겠다."""

import re

from processors.ai.builtin.act_words import Act
from processors.ai.builtin.utterances import Utterance

_PAIN: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern), casual, polite)
    for pattern, casual, polite in (
        (r"돌아가셨|장례", "마음이 많이 아프겠다", "마음이 많이 아프시겠어요"),
        (r"혼났|혼나|싸웠|서운|섭섭|속상", "많이 속상했겠다", "많이 속상하셨겠어요"),
        (r"떨어졌|망쳤|망했|실패", "많이 속상하겠다", "많이 속상하시겠어요"),
        (r"헤어졌|차였|외로", "마음이 많이 힘들겠다", "마음이 많이 힘드시겠어요"),
        (r"아파|아프|아픈|병원|입원|다쳤|안 좋", "많이 아프겠다", "많이 아프시겠어요"),
        (r"불안|무서|무섭|막막|멀어진", "많이 불안했겠다", "많이 불안하셨겠어요"),
        (r"고민|걱정", "고민이 많겠다", "고민이 많으시겠어요"),
        (r"잃어버|사고|실수", "많이 놀랐겠다", "많이 놀라셨겠어요"),
        (r"야근|피곤|지쳤|지친|지쳐|바빠|바쁘", "많이 피곤하겠다", "많이 피곤하시겠어요"),
        (r"짜증|화나|화났|답답|열받", "정말 답답했겠다", "정말 답답하셨겠어요"),
    )
)


def acknowledgement(said: Utterance, polite: bool) -> str | None:
    """A sentence that takes up the feeling of a message, without a full stop; None where it shows none."""
    if Act.DISTRESS in said.acts:
        words = next(((c, p) for pattern, c, p in _PAIN if pattern.search(said.text)), None)
        casual, formal = words or ("많이 힘들었겠다", "많이 힘드셨겠어요")
        return formal if polite else casual
    if Act.JOY in said.acts:
        return "정말 잘됐네요, 축하드려요" if polite else "정말 잘됐다, 축하해"
    return None

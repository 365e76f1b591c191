"""What people write in English, Japanese and Italian: exchanges in which lines that begin with `>` are the other's."""

import random
from datetime import datetime, timedelta

from contracts.resources import Kind
from tests.screenshots.conversations import Conversation, Utterance

EXCHANGES: dict[str, tuple[tuple[str, ...], ...]] = {
    "en": (
        ("Are you coming tonight?", ">Yeah, be there around 8", "Great, bring a jacket, it gets cold up there"),
        (
            ">Did you see the email from Sarah?",
            "Not yet, what does it say?",
            ">She moved the meeting to Thursday at 10:30",
        ),
        ("lol", ">haha I knew it", ">you always do this 😂"),
        (">Can you send me the address?", "Sure", "221 Park Lane, second floor", ">Thanks! 🙏"),
        ("How much was the ticket?", ">$24.50 each, I paid for both", "I'll pay you back tomorrow"),
        (
            ">I've been thinking about what you said yesterday and I agree: we should book the trip before "
            "prices go up.",
            "Ok let's do it",
            "I'm free all weekend, so whenever you want",
        ),
        ("Is the Wi-Fi working for you?", ">nope", ">I restarted it twice", "Ugh. I'll call them."),
        (">Happy birthday!!! 🎉🎂", "Thank you so much!", "You're the first one :)"),
        ("here's the link https://docs.example.org/d/plan/edit", ">Got it, reading now"),
        (">ok", "k", ">What's for dinner?", "Pasta? Or we could order something from that new place on 5th"),
        ("Don't forget to feed the cat", ">Already did", ">She says hi"),
        (">Which one do you like, the blue or the black?", "Blue. It's not even close"),
    ),
    "ja": (
        ("今どこにいる？", ">もうすぐ駅に着くよ", "了解、改札の前で待ってるね"),
        (">明日の会議は何時からですか？", "10時半からです", ">ありがとうございます！"),
        ("お疲れさま〜", ">お疲れ！今日は忙しかったね"),
        (">写真送ってくれる？", "あとで送るね", ">よろしく！"),
        ("週末、映画を見に行かない？", ">いいね！何を見る？", "新しいアニメが気になってる"),
        (">誕生日おめでとう！", "ありがとう！うれしい", ">プレゼント楽しみにしててね"),
        ("うん", ">そうだね", "じゃあまた明日", ">おやすみ"),
        (
            "先週の旅行の件ですが、ホテルの予約が取れたので、あとで詳しい場所と時間をまとめて送りますね。",
            ">助かります",
        ),
        (">ラーメン食べたい", "わかる", "いつもの店に行こう"),
    ),
    "it": (
        ("Ci vediamo stasera?", ">Sì, verso le 20:30 va bene?", "Perfetto, a dopo!"),
        (">Hai già mangiato?", "Non ancora, perché?", ">Ho fatto la pasta, è troppa per uno"),
        ("Buongiorno!", ">Buongiorno, come stai?", "Tutto bene, grazie. E tu?"),
        (">Domani c'è sciopero dei treni", "Ah, non lo sapevo", "Allora prendo la macchina"),
        ("Quanto costa il biglietto?", ">12,50 € a testa", "Va bene, te li do domani"),
        (
            ">Ho parlato con il proprietario: l'appartamento è libero da giugno, però vuole due mesi di caparra.",
            "Mi sembra un po' caro",
            ">Lo so, ma la zona è bellissima",
        ),
        ("ok", ">Dove sei?", "Sto arrivando, cinque minuti"),
        (">Auguri!!! 🎉", "Grazie mille ❤️"),
        ("Puoi comprare il latte?", ">Certo, serve altro?", "No, è tutto"),
    ),
}
NAMES = {
    "en": ("Emma Clarke", "Liam", "Noah B.", "Olivia Reed", "Mum", "Jack Turner", "Priya"),
    "ja": ("田中美咲", "佐藤 健", "ゆい", "鈴木先生", "Haruka", "山本"),
    "it": ("Giulia", "Marco Rossi", "Chiara B.", "Luca", "Mamma", "Francesca"),
}
ROOMS = {
    "en": ("Flat 4B", "Weekend hike", "Design team"),
    "ja": ("同期会", "バスケ部", "旅行メンバー"),
    "it": ("Calcetto del giovedì", "Famiglia", "Gita al lago"),
}


def talk(seed: int, language: str, count: int, *, group: bool) -> Conversation:
    """A conversation of `count` messages in a language of `EXCHANGES`, with photos among them."""
    rng = random.Random(f"sayings/{language}/{seed}/{group}")
    members = tuple(rng.sample(NAMES[language], 3 if group else 1))
    minute = datetime(2025, rng.randint(1, 12), rng.randint(1, 28), rng.randint(8, 20), rng.randint(0, 59))
    said: list[Utterance] = []
    pending: list[str] = []
    speaking = members[0]
    while len(said) < count:
        pending = pending or list(rng.choice(EXCHANGES[language]))
        line = pending.pop(0)
        other = line.startswith(">")
        if other and rng.random() < 0.5:
            speaking = rng.choice(members)
        minute += timedelta(minutes=rng.choices((0, 1, 3, 20, 60 * 15), (50, 25, 14, 8, 3))[0])
        kind: Kind = "photo" if rng.random() < 0.04 else "text"
        said.append(
            Utterance(
                index=len(said),
                speaker="interlocutor" if other else "user",
                sender=speaking if other else "",
                minute=minute,
                text=line.removeprefix(">") if kind == "text" else "",
                kind=kind,
                seed=rng.getrandbits(31),
            )
        )
    return Conversation(
        title=rng.choice(ROOMS[language]) if group else members[0],
        members=members,
        group=group,
        utterances=tuple(said),
    )

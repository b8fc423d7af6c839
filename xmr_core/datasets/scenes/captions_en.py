"""English sentences about a scene script."""

import random
import re

from xmr_core.datasets.scenes import clauses_en as clauses
from xmr_core.datasets.scenes import words_en as words
from xmr_core.datasets.scenes.phrases import (
    Detail,
    Fact,
    fill_marks,
    gather,
    group_keys,
    mark,
    place_key,
    scene_facts,
    told_event,
)
from xmr_core.datasets.scenes.script import SceneScript, habitat_in
from xmr_core.datasets.scenes.world import SUBJECTS

_VERB = re.compile(r"<([^>]*)>")
_SPACES = re.compile(r" {2,}")


def write_english(
    script: SceneScript, detail: Detail, rng: random.Random
) -> tuple[str, list[Fact]]:
    """Marked text of one sentence that tells what `detail` asks for, and the facts it asserts."""
    facts: list[Fact] = []
    style = _style(detail, rng)
    nouns = [
        noun_phrase(script, i, detail, facts, rng, bare=style == "query")
        for i in range(len(script.actors))
    ]
    event = told_event(script, detail, rng)
    facts += scene_facts(script, detail, event)
    adverbs = _adverbs(script, detail, rng)
    if event is None:
        return _still(nouns, adverbs, style, script.actors[0].count, rng), facts
    clause = _clause(script, event, detail, nouns, finite=style == "sentence", rng=rng)
    return _frame(clause, adverbs, style, script.actors[0].count, rng), facts


def noun_phrase(
    script: SceneScript,
    index: int,
    detail: Detail,
    facts: list[Fact],
    rng: random.Random,
    *,
    bare: bool,
) -> str:
    """Marked noun phrase of actor `index`: "[two|count:0] [red|colour:0] [cars|actor:0]".

    Args:
        script: The scene.
        index: Which actor.
        detail: What to tell about it.
        facts: Receives what the phrase asserts.
        rng: Chooses words.
        bare: Leave the article out.
    """
    actor, told = script.actors[index], detail.actors[index]
    who = f"actor:{index}"
    noun, fact = _noun(script, index, told.hypernym, rng)
    facts.append((f"{who}.{fact[0]}", fact[1]))
    size = ""
    if noun == words.SMALL_NOUNS.get(actor.subject):
        facts.append((f"{who}.size", "small"))
    elif told.size and words.SIZES[actor.size]:
        size = rng.choice(words.SIZES[actor.size])
        facts.append((f"{who}.size", actor.size))
    colour = ""
    if told.colour and actor.colour is not None:
        colour = words.COLOURS[actor.colour]
        facts.append((f"{who}.colour", actor.colour))
    number = ""
    if actor.count > 1:
        noun = plural(noun)
        if told.count:
            number = words.NUMBERS[actor.count]
        elif actor.count > 2:
            number = rng.choice(words.INDEFINITE_NUMBERS)
    counted = actor.count == 1 or told.count
    facts.append((f"{who}.count", str(actor.count) if counted else "many"))
    phrase = " ".join(
        part
        for part in (
            mark(number, f"count:{index}"),
            mark(size, f"size:{index}"),
            mark(colour, f"colour:{index}"),
            mark(noun, who),
        )
        if part
    )
    if actor.count > 1 or bare:
        return phrase
    if noun == "moon" and rng.random() < 0.6:
        return f"the {phrase}"
    return f"{article(phrase.lstrip('['))} {phrase}"


def article(following: str) -> str:
    """The indefinite article before `following`; none of our words has a silent h or a "yu"."""
    return "an" if following[0] in "aeiou" else "a"


def plural(noun: str) -> str:
    """Plural of a noun phrase whose last word is the noun."""
    if noun in words.IRREGULAR_PLURALS:
        return words.IRREGULAR_PLURALS[noun]
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")


def conjugate(phrase: str, form: str) -> str:
    """A verb phrase in one of the forms "singular" (third person), "plural", "participle"."""
    if phrase in clauses.IRREGULAR_VERBS:
        return clauses.IRREGULAR_VERBS[phrase][("singular", "plural", "participle").index(form)]
    verb, space, rest = phrase.partition(" ")
    if verb in clauses.ADVERBS:
        return f"{verb} {conjugate(rest, form)}"
    if form == "singular":
        verb += "es" if verb.endswith(("s", "x", "ch", "sh", "o")) else "s"
        if verb.endswith("ys") and verb[-3] not in "aeiou":
            verb = verb[:-2] + "ies"
    elif form == "participle":
        if verb.endswith("e"):
            verb = verb[:-1]
        elif verb in clauses.DOUBLING:
            verb += verb[-1]
        verb += "ing"
    return verb + space + rest


def _style(detail: Detail, rng: random.Random) -> str:
    """How the sentence is framed: "sentence", "there is", "introduced" or "query"."""
    query = 30 if detail.terse else 0
    return rng.choices(("sentence", "there is", "introduced", "query"), (50, 12, 18, query))[0]


def _noun(
    script: SceneScript, index: int, hypernym: bool, rng: random.Random
) -> tuple[str, tuple[str, str]]:
    """A noun for an actor and what it asserts."""
    actor = script.actors[index]
    category = SUBJECTS[actor.subject].category
    general = words.HYPERNYMS[category]
    if hypernym and general and actor.subject not in words.NO_HYPERNYM:
        return rng.choice(general), ("category", category)
    if actor.size == "small" and actor.subject in words.SMALL_NOUNS and rng.random() < 0.35:
        return words.SMALL_NOUNS[actor.subject], ("subject", actor.subject)
    noun = rng.choice(words.NOUNS[actor.subject])
    # "a ball" is true of a basketball too
    broad = noun in general
    return noun, ("category", category) if broad else ("subject", actor.subject)


def _adverbs(script: SceneScript, detail: Detail, rng: random.Random) -> list[str]:
    """Marked phrases of place and time, in the order in which they follow the verb."""
    adverbs: list[str] = []
    if detail.setting:
        adverbs.append(fill_marks(rng.choice(_setting_phrases(script)), "setting"))
    if detail.time:
        phrases = words.TIMES[script.time]
        if script.time == "day" and script.setting not in ("room", "underwater"):
            phrases += words.OUTDOOR_DAY
        adverbs.append(fill_marks(rng.choice(phrases), "time"))
    if rng.random() < 0.15:
        adverbs.reverse()
    return adverbs


def _setting_phrases(script: SceneScript) -> tuple[str, ...]:
    phrases = words.SETTINGS[script.setting]
    return phrases[place_key(script, phrases)]


def _clause(
    script: SceneScript,
    event: str,
    detail: Detail,
    nouns: list[str],
    *,
    finite: bool,
    rng: random.Random,
) -> str:
    """Marked clause: subject, verb and what belongs to the verb."""
    table = "moves" if event in ("moves_left", "moves_right") else event
    options = gather(clauses.CLAUSES[table], group_keys(script))
    if not finite:
        options = [option for option in options if option.startswith("{")]
    template = rng.choice(options)
    direction = ""
    if script.direction and detail.direction:
        direction = rng.choice(clauses.DIRECTIONS[script.direction])
        if table != "moves" and " " not in direction:
            direction = clauses.DIRECTIONS[script.direction][0]
    go = _travel_verb(script, template, direction, rng)
    plural_subject = script.actors[0].count > 1
    momentary = "appear" in event  # "is appearing" is rarely said
    progressive = finite and not momentary and rng.random() < 0.35

    def verb(found: re.Match[str]) -> str:
        phrase = found[1].replace("{go}", go)
        form = "plural" if plural_subject else "singular"
        if not finite:
            return mark(conjugate(phrase, "participle"), "event")
        if progressive:
            be = "are" if plural_subject else "is"
            return f"{be} {mark(conjugate(phrase, 'participle'), 'event')}"
        return mark(conjugate(phrase, form), "event")

    marked = _VERB.sub(verb, fill_marks(template, "event"))
    roles = {"{A}": nouns[0], "{B}": nouns[-1], "{d}": mark(direction, "event")}
    for slot, text in roles.items():
        marked = marked.replace(slot, text)
    return _SPACES.sub(" ", marked).strip()


def _travel_verb(script: SceneScript, template: str, direction: str, rng: random.Random) -> str:
    """How the first actor travels, in a word that can stand in `template`."""
    subject = script.actors[0].subject
    key = f"{subject}@{habitat_in(subject, script.setting)}"
    verbs = clauses.TRAVEL.get(key) or clauses.TRAVEL.get(subject, ())
    if "{go} after" in template:  # nobody moves after somebody
        return verbs[0]
    if template.endswith("{d}") and not direction and "{B}" not in template:
        verbs = tuple(verb for verb in verbs if verb != "go")  # "a car goes" sounds cut off
    return rng.choice((*verbs, "move"))


def _frame(clause: str, adverbs: list[str], style: str, count: int, rng: random.Random) -> str:
    """Puts a clause and its adverbs into a sentence."""
    front = ""
    if adverbs and style != "query" and rng.random() < 0.25:
        front = f"{adverbs.pop(rng.randrange(len(adverbs)))}, "
    if style == "there is":
        clause = f"there {'are' if count > 1 else 'is'} {clause}"
    elif style == "introduced":
        if front:
            adverbs.append(front.removesuffix(", "))
            front = ""
        clause = f"{rng.choice(clauses.NAMING_INTRODUCTIONS)} {clause}"
    elif style == "sentence" and not front and rng.random() < 0.12:
        front = f"{rng.choice(clauses.SENTENCE_INTRODUCTIONS)} "
    return front + " ".join((clause, *adverbs))


def _still(nouns: list[str], adverbs: list[str], style: str, count: int, rng: random.Random) -> str:
    """A sentence that names who is there and not what happens."""
    who = " and ".join(nouns)
    if style == "introduced":
        who = f"{rng.choice(clauses.NAMING_INTRODUCTIONS)} {who}"
    elif style == "there is":
        who = f"there {'are' if count > 1 else 'is'} {who}"
    return " ".join((who, *adverbs))

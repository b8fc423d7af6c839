"""Chinese sentences about a scene script."""

import random

from xmr_core.datasets.scenes import words_zh as words
from xmr_core.datasets.scenes.phrases import (
    Detail,
    Fact,
    fill_marks,
    gather,
    group_keys,
    mark,
    scene_facts,
    told_event,
)
from xmr_core.datasets.scenes.script import SceneScript, habitat_in
from xmr_core.datasets.scenes.world import SUBJECTS


def write_chinese(
    script: SceneScript, detail: Detail, rng: random.Random
) -> tuple[str, list[Fact]]:
    """Marked text of one sentence about `script` that tells what `detail` asks for, and its facts."""
    facts: list[Fact] = []
    bare = detail.terse and rng.random() < 0.25
    nouns = [
        noun_phrase(script, i, detail, facts, rng, bare=bare) for i in range(len(script.actors))
    ]
    event = told_event(script, detail, rng)
    facts += scene_facts(script, detail, event)
    place, time = _place_and_time(script, detail, rng)
    if event is None:
        return _close(_still(nouns, place, time, rng), bare, rng), facts
    sentence = _sentence(script, event, detail, nouns, place, time, rng)
    return _close(sentence, bare, rng), facts


def noun_phrase(
    script: SceneScript,
    index: int,
    detail: Detail,
    facts: list[Fact],
    rng: random.Random,
    *,
    bare: bool,
) -> str:
    """Marked noun phrase of actor `index`: "[一|count:0] 辆 [红色|colour:0] 的 [汽车|actor:0]".

    Args:
        script: The scene.
        index: Which actor.
        detail: What to tell about it.
        facts: Receives what the phrase asserts.
        rng: Chooses words.
        bare: Leave number and measure word out.
    """
    actor, told = script.actors[index], detail.actors[index]
    who = f"actor:{index}"
    noun, measure, fact = _noun(script, index, told.hypernym, rng)
    facts.append((f"{who}.{fact[0]}", fact[1]))
    size = actor.size if told.size and actor.size in words.SIZES else None
    colour = actor.colour if told.colour else None
    if size is not None:
        facts.append((f"{who}.size", size))
    if colour is not None:
        facts.append((f"{who}.colour", colour))
    phrase = _described(noun, index, colour, size, rng)
    if bare:
        return phrase
    if actor.count == 1 or told.count:
        number = words.NUMBERS[actor.count]
        facts.append((f"{who}.count", str(actor.count)))
    else:
        number = rng.choice(words.INDEFINITE_NUMBERS)
        facts.append((f"{who}.count", "many"))
    return f"{mark(number, f'count:{index}')} {measure} {phrase}"


def _noun(
    script: SceneScript, index: int, hypernym: bool, rng: random.Random
) -> tuple[str, str, tuple[str, str]]:
    """A noun for an actor, its measure word and what it asserts."""
    actor = script.actors[index]
    category = SUBJECTS[actor.subject].category
    general = words.HYPERNYMS[category]
    if hypernym and general and actor.subject not in words.NO_HYPERNYM:
        return *rng.choice(general), ("category", category)
    noun, measure = rng.choice(words.NOUNS[actor.subject])
    # 球 is true of a basketball too
    broad = (noun, measure) in general
    return noun, measure, ("category", category) if broad else ("subject", actor.subject)


def _described(
    noun: str, index: int, colour: str | None, size: str | None, rng: random.Random
) -> str:
    """The noun with its adjectives in one of the natural orders."""
    marked = mark(noun, f"actor:{index}")
    single = len(noun) == 1
    before = ""
    if size is not None:
        if noun[0] in "大小" or rng.random() < 0.3:
            before = rng.choice(words.LONG_SIZES[size])
            word = before.removesuffix(" 的")
            before = f"{mark(word, f'size:{index}')} 的 "
        else:
            marked = f"{mark(words.SIZES[size], f'size:{index}')} {marked}"
            single = False
    if colour is not None:
        if single and colour in words.SHORT_COLOURS and rng.random() < 0.4:
            marked = f"{mark(words.SHORT_COLOURS[colour], f'colour:{index}')} {marked}"
        else:
            of = "的 " if single or rng.random() < 0.6 else ""
            marked = f"{mark(words.COLOURS[colour], f'colour:{index}')} {of}{marked}"
    return before + marked


def _place_and_time(script: SceneScript, detail: Detail, rng: random.Random) -> tuple[str, str]:
    """Marked phrases of place (without 在) and time; the time may have moved into the place."""
    place = time = ""
    if detail.setting:
        phrases = words.SETTINGS[script.setting]
        subject = script.actors[0].subject
        beside = SUBJECTS[subject].category in ("plant", "building") and "beside" in phrases
        key = "beside" if beside else str(habitat_in(subject, script.setting))
        place = fill_marks(rng.choice(phrases[key]), "setting")
    if detail.time:
        if place and rng.random() < 0.3:
            attribute = rng.choice(words.TIME_ATTRIBUTES[script.time])
            return f"{fill_marks(attribute, 'time')} {place}", ""
        times = words.TIMES[script.time]
        if script.time == "day" and script.setting not in ("room", "underwater"):
            times += words.OUTDOOR_DAY
        time = fill_marks(rng.choice(times), "time")
    return place, time


def _sentence(
    script: SceneScript,
    event: str,
    detail: Detail,
    nouns: list[str],
    place: str,
    time: str,
    rng: random.Random,
) -> str:
    table = "moves" if event in ("moves_left", "moves_right") else event
    options = [
        option
        for option in gather(words.CLAUSES[table], group_keys(script))
        if place or "{S}" not in option
    ]
    template = rng.choice(options)
    direction = ""
    if script.direction and detail.direction:
        direction = rng.choice(words.DIRECTIONS[script.direction])
    front = [time] if time else []
    here = ""
    if "{s}" in template:
        here = rng.choice(("", "正在"))
        if place and rng.random() < 0.65:
            here, place = f"{'正' if here else ''}在 {place}", ""
    if place and "{S}" not in template:
        front.append(place)
        place = ""
    slots = {
        "{d}": direction,
        "{go}": _travel_verb(script, direction, rng),
        "{S}": place,
        "{s}": here,
        "{A}": nouns[0],
        "{B}": nouns[-1],
    }
    marked = fill_marks(template, "event")
    if table != "moves" and direction and "[{d}" not in template:
        slots["{d}"] = mark(direction, "event")
    for slot, text in slots.items():
        marked = marked.replace(slot, text)
    if rng.random() < 0.15:
        front.insert(0, rng.choice(words.INTRODUCTIONS))
    return _join_front(front, marked, rng)


def _join_front(front: list[str], clause: str, rng: random.Random) -> str:
    """Time and place before the clause, with a comma or without."""
    if not front:
        return clause
    opening = " ".join(front)
    comma = not opening.endswith("，") and rng.random() < 0.6
    return f"{opening} {'，' if comma else ''} {clause}"


def _travel_verb(script: SceneScript, direction: str, rng: random.Random) -> str:
    subject = script.actors[0].subject
    habitat = habitat_in(subject, script.setting)
    key = f"{subject}@{habitat}"
    travel = words.TRAVEL.get(key) or words.TRAVEL.get(subject)
    if travel is None:
        return "移动"
    directed, alone = travel
    return rng.choice((*directed, "移动")) if direction else alone


def _still(nouns: list[str], place: str, time: str, rng: random.Random) -> str:
    """A sentence that names who is there and not what happens."""
    who = " 和 ".join(nouns)
    if not place:
        return f"{time} 的 {who}" if time and rng.random() < 0.5 else f"{time} {who}"
    if rng.random() < 0.5:
        return f"{time} {place} 有 {who}"
    return f"{time} {place} 的 {who}"


def _close(marked: str, bare: bool, rng: random.Random) -> str:
    """Without the spaces between words, and sometimes with a full stop."""
    stop = "。" if not bare and rng.random() < 0.3 else ""
    return marked.replace(" ", "") + stop

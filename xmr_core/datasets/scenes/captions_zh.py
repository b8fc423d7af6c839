"""Chinese sentences about a scene script."""

import random

from xmr_core.datasets.scenes import clauses_zh as clauses
from xmr_core.datasets.scenes import words_zh as words
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


def write_chinese(
    script: SceneScript, detail: Detail, rng: random.Random
) -> tuple[str, list[Fact]]:
    """Marked text of one sentence that tells what `detail` asks for, and the facts it asserts."""
    facts: list[Fact] = []
    bare = detail.terse and rng.random() < 0.25
    nouns = [
        noun_phrase(script, i, detail, facts, rng, bare=bare) for i in range(len(script.actors))
    ]
    event = told_event(script, detail, rng)
    facts += scene_facts(script, detail, event)
    place, time = _place_and_time(script, detail, rng)
    if event is None:
        marked = _still(nouns, place, time, rng)
    else:
        marked = _sentence(script, event, detail, nouns, (place, time), rng, bare=bare)
    stop = "。" if event is not None and not bare and rng.random() < 0.3 else ""
    return marked.replace(" ", "") + stop, facts


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
    if bare or (actor.count == 2 and not told.count):
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
    choices = words.NOUNS[actor.subject]
    if actor.count > 1 or actor.size != "medium":
        choices = [choice for choice in choices if choice[1] not in words.PLAIN_MEASURES]
    noun, measure = rng.choice(choices)
    # 球 is true of a basketball too
    broad = (noun, measure) in general
    return noun, measure, ("category", category) if broad else ("subject", actor.subject)


def _described(
    noun: str, index: int, colour: str | None, size: str | None, rng: random.Random
) -> str:
    """The noun with its adjectives in one of the natural orders.

    A noun of one syllable wants 的 after the colour (白色的狗) or the short colour (白狗), and
    its size right before it (大狗); longer nouns are free.
    """
    marked, before = mark(noun, f"actor:{index}"), ""
    short = len(noun) == 1
    if size is not None:
        if not short and (noun[0] == "大" or noun[-1] == "儿" or rng.random() < 0.25):
            word = rng.choice(words.LONG_SIZES[size])
            before = f"{mark(word, f'size:{index}')} 的 "
        else:
            marked = f"{mark(words.SIZES[size], f'size:{index}')} {marked}"
    if colour is not None:
        if short and size is None and colour in words.SHORT_COLOURS and rng.random() < 0.35:
            marked = f"{mark(words.SHORT_COLOURS[colour], f'colour:{index}')} {marked}"
        else:
            linked = (short and size is None) or (not before and rng.random() < 0.6)
            marked = f"{mark(words.COLOURS[colour], f'colour:{index}')} {'的 ' * linked}{marked}"
    return before + marked


def _place_and_time(script: SceneScript, detail: Detail, rng: random.Random) -> tuple[str, str]:
    """Marked phrases of place (without 在) and time; the time may have moved into the place."""
    place = time = ""
    if detail.setting:
        phrases = words.SETTINGS[script.setting]
        place = fill_marks(rng.choice(phrases[place_key(script, phrases)]), "setting")
    if detail.time:
        times = words.TIMES[script.time]
        if script.time == "day" and script.setting not in ("room", "underwater"):
            times += words.OUTDOOR_DAY
        # 夜里山里 and 雨中森林中 would stumble.
        times = [phrase for phrase in times if phrase.strip("]")[-1:] != place[-1:]]
        time = fill_marks(rng.choice(times), "time")
        if place and rng.random() < 0.25:
            attributes = words.TIME_ATTRIBUTES[script.time]
            if place.endswith("中"):  # nor 夜色中的水中
                attributes = [a for a in attributes if "中" not in a] or attributes
            attribute = rng.choice(attributes)
            return f"{fill_marks(attribute, 'time')} {place}", ""
    return place, time


def _sentence(
    script: SceneScript,
    event: str,
    detail: Detail,
    nouns: list[str],
    when_where: tuple[str, str],
    rng: random.Random,
    *,
    bare: bool,
) -> str:
    """Marked sentence that says what happens."""
    place, time = when_where
    table = "moves" if event in ("moves_left", "moves_right") else event
    template = rng.choice(
        [
            option
            for option in gather(clauses.CLAUSES[table], group_keys(script))
            if (place or "{S}" not in option) and not ("的" in place and "{S} 的" in option)
        ]
    )
    direction = _direction(script, detail, table, rng)
    front, slots = _spread(template, place, time, rng)
    go, past = _travel_verbs(script, table, direction, rng)
    inside = "[{d}" in template  # already within the mark of the event
    slots |= {
        "{d}": direction if inside else mark(direction, "event"),
        "{go}": go,
        "{past}": past,
        "{A}": nouns[0],
        "{B}": nouns[-1],
    }
    marked = fill_marks(template, "event")
    for slot, text in slots.items():
        marked = marked.replace(slot, text)
    if bare and not any(word in marked for word in ("，", "了", "正")) and rng.random() < 0.4:
        marked = f"{marked} 的 视频"
    elif not bare and rng.random() < 0.15:
        front.insert(0, rng.choice(clauses.INTRODUCTIONS))
    return _join_front(front, marked, rng)


def _direction(script: SceneScript, detail: Detail, table: str, rng: random.Random) -> str:
    """Words for the direction, or nothing where there is none to tell."""
    if not script.direction or not detail.direction:
        return ""
    choices = clauses.DIRECTIONS[script.direction]
    if table.startswith("passes"):  # 朝左边从一棵树前面经过 would be clumsy
        choices = [choice for choice in choices if not choice.startswith("朝")]
    return rng.choice(choices)


def _spread(
    template: str, place: str, time: str, rng: random.Random
) -> tuple[list[str], dict[str, str]]:
    """Decides where place and time go: the phrases in front, and what fills the slots."""
    front = [time] if time else []
    here = progressive = ""
    if "{s}" in template or "{r}" in template:
        progressive = "正在" if rng.random() < 0.65 else ""
    if place and "{S}" not in template:
        if "{s}" in template and rng.random() < 0.25:  # 公路上有一辆汽车正在……
            return [*front, place, "有"], {"{s}": rng.choice(("正在", "在"))}
        if ("{s}" in template or "{p}" in template) and rng.random() < 0.6:
            if front and rng.random() < 0.25:  # 一只狗夜里在草地上……
                here, front = f"{time} 在 {place}", []
            else:
                here = f"{'正' if progressive else ''}在 {place}"
            progressive = ""
        else:
            front.append(place)
    slots = {"{s}": here or progressive, "{p}": here, "{r}": progressive, "{S}": place}
    return front, slots


def _join_front(front: list[str], clause: str, rng: random.Random) -> str:
    """Time and place before the clause, with a comma or without."""
    opening = " ".join(front)
    if not opening or "看到" in opening or opening.endswith(("，", "有")) or rng.random() < 0.4:
        return f"{opening} {clause}"
    return f"{opening} ， {clause}"


def _travel_verbs(
    script: SceneScript, table: str, direction: str, rng: random.Random
) -> tuple[str, str]:
    """How the first actor travels, and how it passes by."""
    subject = script.actors[0].subject
    key = f"{subject}@{habitat_in(subject, script.setting)}"
    travel = clauses.TRAVEL.get(key) or clauses.TRAVEL.get(subject)
    if travel is None:
        return "移动", "移过"
    directed, alone, past = travel
    if table == "circles":  # 绕着圈跑着 would say 着 twice
        return alone[0], past
    return rng.choice((*directed, "移动") if direction else alone), past


def _still(nouns: list[str], place: str, time: str, rng: random.Random) -> str:
    """A sentence that names who is there and not what happens."""
    who = " 和 ".join(nouns)
    if "的" in place or (place and rng.random() < 0.6):  # two 的 in a row would stumble
        return f"{time} {place} 有 {who}"
    if place:
        return f"{time} {place} 的 {who}"
    counted = "|count:" in nouns[0]
    return f"{time} {'有' if counted else '的'} {who}" if time else who

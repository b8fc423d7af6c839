"""Galleries for the stand-in: films of another site, of which only frames are kept, and a folder of
somebody's own videos with folders, dates, moments and duplicates."""

import shutil
from datetime import datetime
from pathlib import Path

from xmr_core import Caption, Clip

CATEGORIES = ("music", "sports", "cooking", "animals")
DOES = {
    "man": ("a man plays the guitar on a stage", "a guitarist performs", "music"),
    "girl": ("a girl kicks a red ball over the grass", "a child plays football", "sports"),
    "cook": ("a cook slices vegetables in a small kitchen", "someone prepares dinner", "cooking"),
    "dog": ("a brown dog runs along the beach", "a dog is playing near the sea", "animals"),
    "band": ("a band sings in front of a crowd", "people sing together", "music"),
    "car": ("a red car drives through the city at night", "somebody drives a car", "sports"),
}
WATCH = "https://www.youtube.com/watch?v="
FOLDERS = ("2024/beach", "2024/city", "2025")
GONE, BARE, FOREIGN, SCRIPT = "video7003", "video7004", "video7005", "video7009"


def films() -> tuple[Clip, ...]:
    """Eighteen clips without files: stored frames for most, words alone for some."""
    made = []
    for number in range(18):
        name, (first, second, category) = list(DOES.items())[number % len(DOES)]
        clip_id = f"video{7000 + number}"
        texts = [first if number < 6 else f"{first} again", second]
        texts += [f"{second}, seen another way {n}" for n in range(18)]
        url = f"{WATCH}{name:_<6}{number:05d}"
        made.append(
            Clip(
                id=clip_id,
                video=f"{clip_id}.mp4",
                start_s=0.0,
                end_s=12.5 + number,
                captions=tuple(Caption(text, "en") for text in texts),
                url={
                    FOREIGN: f"https://www.youtube.com.evil.test/watch?v={name:_<11}",
                    SCRIPT: "javascript:document.title='owned'",
                }.get(clip_id, url),
                source_start_s=70.4 + 10 * number,
                gone=clip_id == GONE,
                category=category,
            )
        )
    return tuple(made)


def holidays() -> tuple[Clip, ...]:
    """Own videos: the drawn clips in folders, two of them as moments, one of them twice."""
    files = ("red_car", "blue_ball", "green_fish", "yellow_car", "red_ball", "blue_fish")
    made = [
        Clip(
            id=f"{name}_{moment}",
            video=f"{FOLDERS[place % 3]}/{name}.mp4",
            start_s=float(moment),
            end_s=moment + 1.0 + 0.5 * place,
            modified=datetime(2024 + place % 2, 1 + place, 14, 12).timestamp(),
            duplicate_of="red_car_0" if name == "blue_fish" else None,
        )
        for place, name in enumerate(files)
        for moment in (0, 1)
    ]
    return tuple(made)


def copy_holidays(folder: Path) -> None:
    """Puts the drawn clips into the folders of somebody's own videos."""
    for clip in holidays():
        path = folder / clip.video
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            shutil.copy(folder / path.name, path)
            shutil.copy(folder / f"{path.stem}.webp", path.with_suffix(".webp"))


def draw_stills(folder: Path) -> None:
    """Three small frames of every film but the bare one, as `stills/<id>.<n>.webp`."""
    from PIL import Image, ImageDraw

    out = folder / "stills"
    out.mkdir(exist_ok=True)
    skies = [(58, 92, 160), (198, 120, 70), (40, 48, 90), (110, 170, 190), (120, 70, 130)]
    for number, clip in enumerate(films()):
        if clip.id == BARE or number % 7 == 6:
            continue
        sky = skies[number % len(skies)]
        for n in range(3):
            picture = Image.new("RGB", (240, 180))
            pen = ImageDraw.Draw(picture)
            for y in range(180):
                pen.line(
                    (0, y, 240, y), fill=tuple(min(255, int(c * (0.6 + y / 260))) for c in sky)
                )
            pen.ellipse((150 - 20 * n, 20, 196 - 20 * n, 66), fill=(252, 236, 190))
            pen.polygon(((0, 140), (70, 84 + 6 * n), (150, 140)), fill=tuple(c // 2 for c in sky))
            pen.rectangle((0, 138, 240, 180), fill=tuple(int(c * 0.35) for c in sky))
            x = 30 + 60 * n + number % 20
            pen.rounded_rectangle((x, 96, x + 46, 160), 18, fill=(226, 96, 74))
            pen.ellipse((x + 9, 70, x + 37, 98), fill=(244, 200, 160))
            picture.save(out / f"{clip.id}.{n}.webp", quality=82)

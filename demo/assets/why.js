// The explanation of one match. On wide pages it stands beside the cards; on phones it is a sheet
// that opens from below and keeps the keyboard inside until it is closed.
window.XMR.why = ({ element, props, watch }) => {
  const XMR = window.XMR;
  const { h, icon, t, on, isCurrent, done, moment, score, signed, heat } = XMR;
  const root = element.querySelector(".xmr-why");
  const view = { word: 0, frame: 0, strength: 0.6, numbers: false };
  let shown = null;
  let opener = null; // what gets the keyboard back when the sheet closes
  let card = null; // the match as the grid knows it: rank, sigma

  const title = h("h2", { id: "xmr-why-title" });
  const subtitle = h("p");
  const closer = h("button", { type: "button", class: "xmr-close", onclick: () => close() }, icon("close"));
  const body = h("div", { class: "xmr-why-body" });
  const shade = h("div", { class: "xmr-shade", onclick: () => close() });
  root.setAttribute("role", "region");
  root.setAttribute("aria-labelledby", "xmr-why-title");
  root.append(h("header", null, h("div", null, title, subtitle), closer), body);
  root.before(shade);

  const drawHead = () => {
    title.textContent = t("why");
    closer.setAttribute("aria-label", t("close"));
    const about = shown && !XMR.isWaiting("why") ? shown.clip : card && card.captions ? card : null;
    subtitle.textContent = about ? XMR.captionOf(about) : "";
    subtitle.lang = XMR.languageOf(subtitle.textContent);
  };

  const drawNotice = (key) => {
    root.dataset.state = key;
    drawHead();
    body.replaceChildren(h("p", { class: "xmr-why-idle" }, t(key)));
  };
  const drawWaiting = () => {
    root.dataset.state = "busy";
    drawHead();
    const sentence = h("p", { class: "xmr-why-idle", role: "status" }, h("span", { class: "xmr-spin", "aria-hidden": "true" }), t("explaining"));
    body.replaceChildren(h("div", { class: "xmr-grey xmr-grey-why", "aria-hidden": "true" }, h("i"), h("i"), h("i")), sentence);
  };

  const draw = () => {
    const answer = shown;
    const { clip, frames } = answer;
    const looked = answer.grid ? t("looked", { method: answer.patch_method }) : t(clip.media ? "no_maps" : "no_maps_source");
    const maps = answer.maps.map((word) => word.map(heat.decode));
    const times = frames.map((frame) => frame.time_s);

    // The stage: clip, map on top, play button.
    const isVideo = clip.kind === "video" && clip.media;
    const stored = clip.media ? null : XMR.storedStage(clip);
    const film = isVideo
      ? XMR.makeVideo(clip, { src: clip.media, poster: clip.poster, preload: "auto", "aria-label": XMR.captionOf(clip) })
      : clip.media && h("img", { src: clip.media, alt: XMR.captionOf(clip) });
    const overlay = h("canvas", { width: 96, height: 54, role: "img" });
    const playIcon = h("path", { d: "M7 5v14l12-7z" });
    const play = isVideo && h("button", { type: "button", class: "xmr-play", "aria-label": t("play"), onclick: () => toggle() },
      h("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, playIcon));
    const stage = stored ? stored.element : h("div", { class: "xmr-stage" }, film, answer.grid && overlay, play);

    const toggle = () => (film.paused ? film.play().catch(() => {}) : film.pause());
    const playing = (isPlaying) => {
      playIcon.setAttribute("d", isPlaying ? "M7 5h4v14H7zM13 5h4v14h-4z" : "M7 5v14l12-7z");
      play.setAttribute("aria-label", t(isPlaying ? "pause" : "play"));
    };
    if (isVideo) {
      film.addEventListener("click", toggle);
      film.addEventListener("play", () => { playing(true); follow(); });
      film.addEventListener("pause", () => playing(false));
      film.addEventListener("loadedmetadata", () => {
        stage.style.setProperty("--ratio", film.videoWidth / film.videoHeight);
      }, { once: true });
    }

    // Time to a place among the frames, 0 to frames - 1, and back.
    const placeOf = (time) => {
      const right = times.findIndex((other) => other >= time);
      if (right === 0) return 0;
      if (right < 0) return times.length - 1;
      return right - 1 + (time - times[right - 1]) / (times[right] - times[right - 1]);
    };
    const follow = () => {
      if (!film.isConnected || film.paused) return;
      moveTo(placeOf(film.currentTime));
      if (film.requestVideoFrameCallback) film.requestVideoFrameCallback(follow);
      else requestAnimationFrame(follow);
    };
    const seek = (frame) => {
      if (!isVideo) return;
      film.pause();
      if (film.readyState >= 1) film.currentTime = times[frame];
      else film.addEventListener("loadedmetadata", () => { film.currentTime = times[frame]; }, { once: true });
    };

    // Frames: pictures to step through, the curve of their scores, the bars of their effects.
    const values = frames.map((frame) => frame.score);
    const low = Math.min(...values);
    const span = Math.max(1e-6, Math.max(...values) - low);
    const most = Math.max(1e-6, ...frames.map((frame) => Math.abs(frame.effect)));
    const points = values.map((value, i) => `${(100 * (i + 0.5)) / values.length},${90 - (78 * (value - low)) / span}`);
    const head = h("line", { class: "xmr-playhead", y1: 0, y2: 100, "vector-effect": "non-scaling-stroke" });
    const half = 50 / values.length;
    const curve = h("svg", { class: "xmr-curve", viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" },
      h("polygon", { points: `${half},100 ${points.join(" ")} ${100 - half},100` }),
      h("polyline", { points: points.join(" "), "vector-effect": "non-scaling-stroke" }), head);
    const canvases = frames.map(() => h("canvas", { width: 128, height: 72 }));
    const cells = frames.map((frame, i) => h("button", {
      type: "button", onclick: () => setFrame(i),
      "aria-label": t("frame", { number: i + 1, count: frames.length, time: moment(frame.time_s), score: score(frame.score), effect: signed(frame.effect) }),
    }, h("span", { "aria-hidden": "true" }, i + 1), canvases[i]));
    const strip = h("div", { class: "xmr-strip", role: "group", "aria-label": t("frames"), onkeydown: (event) => {
      const next = { ArrowRight: view.frame + 1, ArrowLeft: view.frame - 1, Home: 0, End: frames.length - 1 }[event.key];
      if (next === undefined || !frames[next]) return;
      setFrame(next);
      cells[next].focus();
      event.preventDefault();
    } }, cells);
    const bars = h("div", { class: "xmr-effects", "aria-hidden": "true" }, frames.map((frame, i) =>
      h("i", { "data-sign": frame.effect < 0 ? "down" : "up", style: { "--share": Math.abs(frame.effect) / most }, title: cells[i].getAttribute("aria-label") }, h("b"), h("span", null, frame.effect < 0 ? "−" : "+"))));

    const chips = XMR.wordChips(answer, (word) => setWord(word));
    const table = XMR.wordTable(answer, (word, frame) => { setWord(word); setFrame(frame); });
    const note = h("p", { class: "xmr-note" });
    const slider = h("input", { type: "range", min: 0, max: 1, step: 0.02, value: view.strength, oninput: () => { view.strength = Number(slider.value); moveTo(view.frame); } });
    const numbers = h("input", { type: "checkbox", ...(view.numbers ? { checked: true } : {}), onchange: () => {
      view.numbers = numbers.checked;
      table.classList.toggle("numbers", view.numbers);
    } });
    table.classList.toggle("numbers", view.numbers);

    const moveTo = (place) => {
      view.frame = Math.round(place);
      const x = (100 * (place + 0.5)) / frames.length;
      head.setAttribute("x1", x);
      head.setAttribute("x2", x);
      if (answer.grid) heat.paint(overlay, heat.between(maps[view.word], place), answer.grid, view.strength);
      const frame = frames[view.frame];
      note.textContent = t("frame_note", { time: moment(frame.time_s), score: score(frame.score), effect: signed(frame.effect) });
      const word = view.word ? answer.words[view.word - 1].text : t("whole");
      overlay.setAttribute("aria-label", t("map_of", { looked, word, time: moment(frame.time_s) }));
      cells.forEach((cell, i) => {
        cell.setAttribute("aria-pressed", String(i === view.frame));
        cell.tabIndex = i === view.frame ? 0 : -1;
      });
      for (const cell of table.querySelectorAll("tbody td")) {
        cell.classList.toggle("on", Number(cell.dataset.frame) === view.frame && (!view.word || Number(cell.dataset.word) === view.word));
      }
      root.dataset.word = view.word;
      root.dataset.frame = view.frame;
    };
    const setFrame = (frame) => {
      seek(frame);
      moveTo(frame);
      if (stored) stored.show((frame + 0.5) / frames.length);
    };
    const setWord = (word) => {
      view.word = word;
      chips.forEach((chip, i) => chip.setAttribute("aria-pressed", String(i === word)));
      moveTo(view.frame);
    };

    const hint = (name, key) => h("h3", null, t(name), h("small", null, t(key)));
    const facts = [t("score_line", { score: score(answer.score) })];
    if (card && card.id === answer.id && card.sigma !== undefined) facts.push(XMR.sigma(card.sigma));
    const tags = stored ? [] : [XMR.categoryTag(clip), ...XMR.stateTags(clip)].filter(Boolean);
    body.replaceChildren(...[
      h("section", null,
        h("div", { class: "xmr-why-facts" }, h("p", { class: "xmr-facts" }, facts.join(" · ")), tags),
        stage,
        h("div", { class: "xmr-under-stage" }, h("p", { class: answer.grid ? "xmr-looked" : "" }, looked), answer.grid && h("label", null, t("overlay"), slider))),
      h("section", null, hint("words", "words_hint"), h("div", { class: "xmr-words", role: "group", "aria-label": t("words") }, chips)),
      h("section", null, hint("frames", "frames_hint"), h("div", { class: "xmr-frames" }, curve, strip, bars), note),
      h("section", null, hint("table", "table_hint"),
        h("div", { class: "xmr-table", tabindex: 0, role: "region", "aria-label": t("table") }, table),
        h("label", { class: "xmr-check" }, numbers, t("numbers"))),
      XMR.captionList(clip.all_captions),
      answer.codes && h("section", null, hint("bits", "bits_hint"), XMR.hashCard(answer.codes)),
      h("footer", null,
        h("button", { type: "button", class: "xmr-quiet", onclick: () => { close(); XMR.emit("lookup", answer.id); } }, icon("similar"), h("span", null, t("like"))),
        XMR.linkButton(clip),
        h("p", null, t("evidence", { elapsed: Math.round(answer.elapsed_ms) }))),
    ].filter(Boolean));
    setWord(Math.min(view.word, answer.words.length));
    setFrame(view.frame);
    drawHead();
    root.dataset.state = "done";
    XMR.drawMoments(clip, times, canvases);
  };

  const receive = () => {
    const answer = XMR.answerOf(props);
    if (!isCurrent("why", answer)) return;
    done("why");
    shown = answer;
    const values = answer.frames.map((frame) => frame.score);
    view.word = 0;
    view.frame = values.indexOf(Math.max(...values));
    draw();
  };

  const open = () => {
    opener = document.activeElement;
    root.classList.add("open");
    root.setAttribute("role", "dialog");
    root.setAttribute("aria-modal", "true");
    document.body.classList.add("xmr-sheet");
    document.addEventListener("keydown", guard);
    body.scrollTop = 0;
    setTimeout(() => closer.focus({ preventScroll: true }), 30);
  };
  const close = () => {
    if (!root.classList.contains("open")) return;
    root.classList.remove("open");
    root.setAttribute("role", "region");
    root.removeAttribute("aria-modal");
    document.body.classList.remove("xmr-sheet");
    document.removeEventListener("keydown", guard);
    const film = body.querySelector("video");
    if (film) film.pause();
    if (opener && opener.isConnected) opener.focus();
  };
  // While the sheet is open: Escape closes it, Tab goes round inside it.
  const guard = (event) => {
    if (event.key === "Escape") close();
    if (event.key !== "Tab") return;
    const stops = [...root.querySelectorAll("button, a[href], input, [tabindex='0']")].filter((stop) => stop.tabIndex >= 0 && stop.offsetParent);
    const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
    if (document.activeElement !== edge && root.contains(document.activeElement)) return;
    (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus();
    event.preventDefault();
  };

  on("picked", "why", (picked, wasAsked) => {
    card = picked;
    if (!card) {
      XMR.stop("why", "why_idle");
      shown = null;
      drawNotice("why_idle");
      return;
    }
    drawHead();
    if (wasAsked && XMR.isPhone()) open();
  });
  on("busy", "why", (area) => { if (area === "why") drawWaiting(); });
  on("stopped", "why", (area, reason) => { if (area === "why") drawNotice(reason); });
  on("language", "why", () => {
    if (root.dataset.state === "done") draw();
    else if (root.dataset.state === "busy") drawWaiting();
    else drawNotice(root.dataset.state);
  });
  matchMedia("(max-width: 820px)").addEventListener("change", close);
  drawNotice("why_idle");
  watch("value", receive);
  receive();
};

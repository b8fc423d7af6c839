// Clips whose video is not here: their stored frames, their words, and their source elsewhere.
// Nothing is ever asked of another place before a visitor has pressed a button that says so.
(() => {
  const XMR = window.XMR;
  const { h, icon, t, isCalm } = XMR;
  const STEP_MS = 900;
  const PLAYER = "https://www.youtube-nocookie.com/embed/";

  // The stretch that a card names: of the source where only that can be watched, else of the file.
  const spanOf = (card) => {
    if (card.media || card.source_start_s === null) return [card.start_s, card.end_s];
    return [card.source_start_s, card.source_start_s + Math.max(0, card.end_s - card.start_s)];
  };
  const timeOf = (card) => {
    const [start, end] = spanOf(card);
    return card.kind === "image" || end <= start ? "" : `${XMR.clock(start)}–${XMR.clock(end)}`;
  };
  const linkOf = (card) => {
    if (card.youtube) return { url: card.url, words: t("youtube", { time: XMR.clock(card.youtube.start) }), tip: t("youtube_tip", { time: XMR.clock(card.youtube.start) }) };
    if (card.url) return { url: card.url, words: t("source"), tip: t("source") };
    return card.media ? { url: card.media, words: t("open"), tip: t("open") } : null;
  };
  const linkButton = (card) => {
    const link = linkOf(card);
    return link && h("a", { class: "xmr-quiet", href: link.url, target: "_blank", rel: "noopener noreferrer", title: link.tip }, icon("out"), h("span", null, link.words));
  };

  const tag = (kind, words, tip) => h("span", { class: "xmr-tag", "data-kind": kind, title: tip }, words);
  const categoryTag = (card) => card.category && tag("category", card.category, t("category_tip", { category: card.category }));
  const stateTags = (card) => [
    card.gone && tag("gone", t("gone_chip"), t("gone_tip")),
    card.duplicate_of && tag("duplicate", t("duplicate_chip"), t("duplicate_tip", { id: card.duplicate_of })),
  ].filter(Boolean);
  // What a screen reader hears of a card beside rank and score.
  const tagWords = (card) => [
    card.category && t("category_tip", { category: card.category }),
    card.gone && t("gone_tip"),
    card.duplicate_of && t("duplicate_tip", { id: card.duplicate_of }),
  ].filter(Boolean);

  // The same colour for the same clip, wherever it is shown.
  const hueOf = (id) => {
    let value = 2166136261;
    for (const letter of id) value = Math.imul(value ^ letter.codePointAt(0), 16777619) >>> 0;
    return (value ^ (value >>> 15)) % 360;
  };
  // A clip without any picture: its sentence is the picture.
  const words = (card) => {
    const caption = XMR.captionOf(card);
    return h("span", { class: "xmr-words-only", style: { "--hue": hueOf(card.id) } },
      card.captioned ? h("span", { class: "xmr-words-text", lang: XMR.languageOf(caption), "data-long": caption.length > 70 }, caption) : icon("film"));
  };
  const blank = (card) => h("span", { class: "xmr-words-only", style: { "--hue": hueOf(card.id) } }, icon("film"));

  // Three stored frames as one picture; under the mouse or the keyboard each fills it in turn.
  const triptych = (card, host, isEager) => {
    const frames = card.stills.map((src, i) => h("img", { src, alt: "", width: 240, height: 180, decoding: "async", "data-n": i, loading: isEager ? null : "lazy" }));
    const marks = h("span", { class: "xmr-steps" }, frames.map(() => h("i")));
    const box = h("span", { class: "xmr-triptych", "data-count": frames.length }, frames, marks);
    let timer = 0;
    const at = (place) => {
      for (const [i, frame] of frames.entries()) { frame.classList.toggle("on", i === place); marks.children[i].classList.toggle("on", i === place); }
      box.classList.toggle("stepping", place >= 0);
    };
    const step = () => {
      if (isCalm() || frames.length < 2 || timer) return;
      let place = 0;
      at(0);
      timer = setInterval(() => {
        if (!box.isConnected) { rest(); return; }
        place = (place + 1) % frames.length;
        at(place);
      }, STEP_MS);
    };
    const rest = () => { clearInterval(timer); timer = 0; at(-1); };
    host.addEventListener("pointerenter", (event) => { if (event.pointerType === "mouse") step(); });
    host.addEventListener("pointerleave", rest);
    host.addEventListener("focusin", (event) => { if (event.target.matches(":focus-visible")) step(); });
    host.addEventListener("focusout", rest);
    return box;
  };

  // A player of YouTube, made only when it is asked for. It may run its own scripts and open a
  // window of its own site; it can reach nothing of this page, nor lead it away.
  const player = (card) => {
    const { id, start, end } = card.youtube;
    const asked = new URLSearchParams({ autoplay: "1", rel: "0", playsinline: "1", start: String(start), ...(end > start ? { end: String(end) } : {}) });
    return h("iframe", {
      class: "xmr-player", src: `${PLAYER}${encodeURIComponent(id)}?${asked}`, title: t("embed_title", { caption: XMR.captionOf(card) }),
      referrerpolicy: "strict-origin-when-cross-origin", sandbox: "allow-scripts allow-same-origin allow-popups allow-presentation",
      allow: "autoplay; encrypted-media; picture-in-picture; fullscreen", allowfullscreen: true,
    });
  };

  // The stage of a clip whose video is not here. `show(share)` brings the stored frame of that
  // share of the clip (0 to 1) to the front.
  const storedStage = (card) => {
    const caption = XMR.captionOf(card);
    const count = card.stills.length;
    const root = h("div", { class: "xmr-stored" });
    let front = 0;
    let show = () => {};
    const pictures = () => {
      if (!count) return card.poster ? h("img", { class: "xmr-stored-one", src: card.poster, alt: caption }) : h("div", { class: "xmr-stored-words" }, words(card));
      const frames = card.stills.map((src, i) => h("button", { type: "button", "aria-label": t("still", { number: i + 1, count }), onclick: () => at(i) },
        h("img", { src, alt: "", onload: (event) => { if (!i) mosaic.style.setProperty("--still", event.target.naturalWidth / event.target.naturalHeight); } }), h("span", { "aria-hidden": "true" }, i + 1)));
      const mosaic = h("div", { class: "xmr-mosaic", role: "group", "aria-label": t("stills_of"), "data-count": count }, frames);
      const at = (place) => {
        front = place;
        frames.forEach((frame, i) => { frame.classList.toggle("front", i === place); frame.setAttribute("aria-pressed", String(i === place)); });
      };
      show = (share) => at(Math.min(count - 1, Math.floor(share * count)));
      at(front);
      return mosaic;
    };
    const canPlay = card.youtube && !card.gone;
    const note = (...children) => h("div", { class: "xmr-stored-note" }, children);
    const rest = () => root.replaceChildren(
      h("div", { class: "xmr-stored-box" }, pictures(),
        canPlay && h("button", { type: "button", class: "xmr-embed", onclick: play }, icon("play"), h("span", null, t("embed")))),
      note(h("p", null, `${t(card.note || (count || card.poster ? "stills_note" : "nothing_stored"))}${canPlay ? ` ${t("embed_note")}` : ""}`), h("span", { class: "xmr-stored-tags" }, categoryTag(card), stateTags(card))));
    const play = () => {
      const frame = player(card);
      root.replaceChildren(h("div", { class: "xmr-stored-box playing" }, frame),
        note(h("p", null, t("embed_failed")), h("button", { type: "button", class: "xmr-quiet", onclick: () => { rest(); root.querySelector(".xmr-embed").focus(); } }, t("embed_close"))));
      frame.focus();
    };
    rest();
    return { element: root, show: (share) => { if (!root.querySelector("iframe")) show(share); } };
  };

  // All sentences about a clip, folded away; each can be asked.
  const captionList = (captions) => captions && captions.length > 1 && h("details", { class: "xmr-all-captions" },
    h("summary", null, t("all_captions", { count: captions.length })),
    h("ol", null, captions.map(({ text }) => h("li", null, h("button", { type: "button", lang: XMR.languageOf(text), title: t("caption_ask"), onclick: () => XMR.emit("ask", text) }, text)))));

  Object.assign(XMR, { timeOf, linkOf, linkButton, categoryTag, stateTags, tagWords, words, blank, triptych, storedStage, captionList });
})();

// The left side of the search by clip: clips to choose from, the chosen clip, its captions.
// The upload field above it is Gradio's own; its file is shown from the visitor's disk.
window.XMR.clip = ({ element, props, trigger, watch }) => {
  const XMR = window.XMR;
  const { asked, state, h, icon, t, on, emit, begin, isCurrent, stop, address, show } = XMR;
  const root = element.querySelector(".xmr-clip");
  let shelf = null;
  let shown = null;
  let upload = null; // {url, kind} of the visitor's own file
  let first = "reading"; // what is done first with what was asked
  const picker = XMR.picker("clip", (method) => {
    state.method = method;
    if (shown && shown.source) lookup(shown.source.id);
  });

  const filters = XMR.filters("clip", () => { if (shown && shown.source) lookup(shown.source.id); });

  const lookup = (id) => {
    upload = null;
    show("clip");
    trigger("lookup", XMR.question({ id, ticket: begin("clip") }));
    window.scrollTo({ top: 0 });
  };

  // Gradio uploads the file; the browser already has it and can show it without asking back.
  const remember = (file) => {
    if (!file) return;
    if (upload) URL.revokeObjectURL(upload.url);
    upload = { url: URL.createObjectURL(file), kind: file.type.startsWith("image/") ? "image" : "video" };
  };
  if (!window.XMR.seesUploads) {
    window.XMR.seesUploads = true;
    document.addEventListener("change", (event) => { if (event.target.closest("#upload")) emit("file", event.target.files && event.target.files[0]); }, true);
    document.addEventListener("drop", (event) => { if (event.target.closest("#upload")) emit("file", event.dataTransfer.files[0]); }, true);
  }

  // Once there is an answer the choice steps back to one line.
  const chooser = () => h("details", { class: "xmr-chooser", ...(shown || XMR.isWaiting("clip") ? {} : { open: true }) },
    h("summary", null, t("pick")),
    shelf && h("ul", { class: "xmr-shelf" }, shelf.map((card) => {
      const item = h("li");
      item.append(h("button", { type: "button", "aria-label": XMR.captionOf(card), title: XMR.captionOf(card), onclick: () => lookup(card.id) },
        h("span", { class: "xmr-media" }, XMR.picture(card, item, false))));
      return item;
    })),
    h("div", { class: "xmr-others" },
      h("button", { type: "button", class: "xmr-quiet", onclick: () => lookup("") }, icon("dice"), h("span", null, t("random"))),
      h("button", { type: "button", class: "xmr-quiet", title: t("shuffle"), "aria-label": t("shuffle"), onclick: () => trigger("shuffle", XMR.question({ ticket: 0 })) }, icon("turn"))));

  // A part of a video that was fetched and is gone again: it can be watched where it came from.
  const fetched = ({ youtube }) => h("section", { class: "xmr-source" },
    h("h2", null, t("from_youtube")),
    XMR.storedStage({ id: youtube.id, youtube, note: "nothing_kept", gone: false, stills: [], poster: null, captions: { en: "", zh: "" }, captioned: false }).element,
    h("p", null, t("part_of", { start: XMR.clock(youtube.start), end: XMR.clock(youtube.end) })),
    h("div", { class: "xmr-source-tools" }, XMR.linkButton({ youtube, url: youtube.url })));

  const sourceOf = (answer) => {
    const card = answer.source;
    const caption = card ? XMR.captionOf(card) : answer.name;
    let film = null;
    if (card && card.media && card.kind === "video") {
      film = XMR.makeVideo(card, { src: `${card.media}#t=${card.start_s}`, poster: card.poster, controls: true, preload: "auto", "aria-label": caption });
      film.autoplay = !XMR.isCalm();
    } else if (card) {
      film = card.media ? h("img", { src: card.media, alt: caption }) : XMR.storedStage(card).element;
    } else if (upload && upload.kind === "image") {
      film = h("img", { src: upload.url, alt: caption });
    } else if (upload) {
      film = h("video", { src: upload.url, controls: true, loop: true, playsinline: true, preload: "auto", "aria-label": caption });
      film.muted = true;
      film.autoplay = !XMR.isCalm();
      film.addEventListener("error", () => film.replaceWith(h("p", { class: "xmr-why-idle" }, t("no_preview"))), { once: true });
    }
    return h("section", { class: "xmr-source" },
      h("h2", null, t(card ? "gallery_clip" : "your_clip")),
      film,
      h("p", { lang: XMR.languageOf(caption) }, caption),
      card && h("div", { class: "xmr-source-tools" },
        h("button", { type: "button", class: "xmr-quiet", onclick: () => emit("compare", card.id) }, icon("columns"), h("span", null, t("compare_this_clip"))),
        XMR.linkButton(card)),
      card && XMR.captionList(card.all_captions));
  };

  const STAGES = ["looking", "asking", "downloading", "reading", "comparing"];
  const progress = (answer) => {
    emit("doing", answer.stage);
    // A download is a step of its own before the two that every clip takes.
    const count = STAGES.indexOf(answer.stage) < 3 || answer.youtube ? 3 : 2;
    const number = answer.stage === "comparing" ? count : answer.stage === "reading" ? count - 1 : 1;
    const bar = h("progress", { max: count, "aria-label": t("step", { number, count }) });
    const size = h("span", { class: "xmr-size" });
    const box = h("div", { class: "xmr-progress", "data-stage": answer.stage },
      h("div", null, h("p", { role: "status" }, t(answer.stage)), size,
        h("button", { type: "button", class: "xmr-quiet", onclick: () => emit("cancel", "clip") }, t("cancel"))),
      bar);
    box.advance = ({ stage, share, received_bytes: received }) => {
      bar.value = number - 1 + (stage === "downloading" ? share : 0.5);
      size.textContent = received ? XMR.bytes(received) : "";
    };
    box.advance(answer);
    return box;
  };

  const captionsOf = (answer) => h("section", { class: "xmr-captions" },
    h("h2", null, t("captions")),
    h("ol", null, answer.captions.map((caption) => {
      const tip = t("score_tip", { score: XMR.score(caption.score), sigma: XMR.sigma(caption.sigma) });
      return h("li", null, h("button", { type: "button", title: tip, "aria-label": `${caption.caption}. ${tip} ${t("caption_ask")}`, onclick: () => emit("ask", caption.caption) },
        h("span", { class: "xmr-rank" }, caption.rank),
        h("span", { lang: XMR.languageOf(caption.caption) }, caption.caption),
        h("span", { class: "xmr-score" }, h("span", { class: "xmr-meter" }, h("i", { style: { width: `${100 * caption.bar}%` } })), h("b", null, XMR.score(caption.score)))));
    })));

  const draw = () => {
    const drop = document.getElementById("upload");
    if (drop) {
      // Gradio words the field in the browser's language; these words follow the page's toggle.
      drop.style.setProperty("--xmr-drop", JSON.stringify(t("drop")));
      drop.style.setProperty("--xmr-drop-hint", JSON.stringify(t("drop_hint")));
    }
    const parts = [];
    if (shown) {
      if (shown.youtube) parts.push(fetched(shown));
      else if (shown.name) parts.push(sourceOf(shown));
      if (shown.stage !== "done") parts.push(progress(shown));
      if (shown.captions.length) parts.push(captionsOf(shown));
      else if (shown.stage === "done" && !XMR.methods.get(state.method).text) parts.push(h("p", { class: "xmr-facts" }, t("no_captions", { method: state.method })));
    }
    picker.draw();
    filters.draw();
    const isCancelling = root.contains(document.activeElement) && document.activeElement.closest(".xmr-progress");
    root.replaceChildren(h("div", { class: "xmr-choices" }, picker.element, filters.element), filters.panel, chooser(), ...parts);
    root.dataset.state = shown ? shown.stage : "idle";
    const cancel = root.querySelector(".xmr-progress button");
    if (isCancelling && cancel) cancel.focus();
  };

  const receive = () => {
    const answer = XMR.answerOf(props);
    if (!answer) return;
    if (answer.shelf) {
      if (answer.gallery !== state.gallery) return; // Another one was chosen meanwhile.
      const isFirst = shelf === null;
      shelf = answer.shelf;
      draw();
      if (isFirst && asked.get("c") && XMR.view() === "clip") lookup(asked.get("c"));
      return;
    }
    if (!isCurrent("clip", answer)) return;
    const running = root.querySelector(`.xmr-progress[data-stage="${answer.stage}"]`);
    shown = answer;
    if (running && answer.stage === "downloading") { running.advance(answer); return; }
    if (answer.stage === "done") {
      address({ c: answer.source ? answer.source.id : "" });
      XMR.announce(t("captions"));
    }
    draw();
  };

  on("file", "clip", remember);
  on("lookup", "clip", lookup);
  on("language", "clip", draw);
  on("pasted", "clip", () => { upload = null; first = "looking"; });
  on("busy", "clip", (area) => { if (area === "clip") { shown = null; draw(); root.append(progress({ stage: first })); first = "reading"; } });
  on("stopped", "clip", (area) => { if (area === "clip") { shown = null; draw(); } });
  on("cancel", "clip", (area) => { if (area === "clip") { stop("clip", "cancelled"); trigger("cancel", {}); } });
  on("again", "clip", (area) => { if (area === "clip" && shown && shown.source) lookup(shown.source.id); });
  on("method", "clip", () => picker.draw());
  on("filters", "clip", () => filters.draw());
  on("gallery", "clip", () => {
    shown = null;
    shelf = null;
    if (XMR.isWaiting("clip")) { stop("clip", "cancelled"); trigger("cancel", {}); }
    emit("stopped", "clip", "idle");
    trigger("shuffle", XMR.question({ ticket: 0 }));
  });
  on("view", "clip", (view) => {
    if (view === "clip") address({ c: shown && shown.source ? shown.source.id : "" });
    else if (view !== "compare") address({ c: "" });
  });
  draw();
  watch("value", receive);
  receive();
};

// The left side of the search by clip: clips to choose from, the chosen clip, its captions.
// The upload field above it is Gradio's own; its file is shown from the visitor's disk.
window.XMR.clip = ({ element, props, trigger, watch }) => {
  const XMR = window.XMR;
  const { asked, state, h, icon, t, on, emit, begin, isCurrent, stop, address, show } = XMR;
  const root = element.querySelector(".xmr-clip");
  let shelf = null;
  let shown = null;
  let upload = null; // {url, kind} of the visitor's own file
  let problem = "";
  const picker = XMR.picker("clip", (method) => {
    state.method = method;
    if (shown && shown.source) lookup(shown.source.id);
  });

  const filters = XMR.filters("clip", () => { if (shown && shown.source) lookup(shown.source.id); });

  const lookup = (id) => {
    problem = "";
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

  const chooser = () => {
    const id = h("input", { id: "xmr-id", type: "text", autocomplete: "off", spellcheck: "false", maxlength: 200, placeholder: t("clip_id"), "aria-describedby": "xmr-id-problem", oninput: () => { note.textContent = ""; } });
    const note = h("p", { id: "xmr-id-problem", class: "xmr-problem", role: "alert" }, problem && t(problem));
    const send = (event) => {
      event.preventDefault();
      if (id.value.trim()) lookup(id.value.trim());
      else { note.textContent = t("empty_id"); id.focus(); }
    };
    // Once there is an answer the choice steps back to one line.
    return h("details", { class: "xmr-chooser", ...(shown || XMR.isWaiting("clip") ? {} : { open: true }) },
      h("summary", null, t("pick")),
      shelf && h("ul", { class: "xmr-shelf" }, shelf.map((card) => {
        const item = h("li");
        item.append(h("button", { type: "button", "aria-label": XMR.captionOf(card), title: XMR.captionOf(card), onclick: () => lookup(card.id) },
          h("span", { class: "xmr-media" }, XMR.picture(card, item, false))));
        return item;
      })),
      h("form", { onsubmit: send },
        h("label", { for: "xmr-id", class: "xmr-hidden" }, t("clip_id")), id,
        h("button", { type: "submit", class: "xmr-quiet" }, t("use")),
        h("button", { type: "button", class: "xmr-quiet", onclick: () => lookup("") }, icon("dice"), h("span", null, t("random"))),
        h("button", { type: "button", class: "xmr-quiet", title: t("shuffle"), "aria-label": t("shuffle"), onclick: () => trigger("shuffle", XMR.question({ ticket: 0 })) }, icon("turn"))),
      note);
  };

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

  const progress = (answer) => {
    const number = answer.stage === "comparing" ? 2 : 1;
    return h("div", { class: "xmr-progress" },
      h("div", null, h("p", { role: "status" }, t(number === 1 ? "reading" : "comparing")),
        h("button", { type: "button", class: "xmr-quiet", onclick: () => emit("cancel", "clip") }, t("cancel"))),
      h("progress", { max: 2, value: number - 0.5, "aria-label": t("step", { number, count: 2 }) }));
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
      parts.push(sourceOf(shown));
      if (shown.stage !== "done") parts.push(progress(shown));
      if (shown.captions.length) parts.push(captionsOf(shown));
      else if (shown.stage === "done" && !XMR.methods.get(state.method).text) parts.push(h("p", { class: "xmr-facts" }, t("no_captions", { method: state.method })));
    }
    picker.draw();
    filters.draw();
    root.replaceChildren(h("div", { class: "xmr-choices" }, picker.element, filters.element), filters.panel, chooser(), ...parts);
    root.dataset.state = shown ? shown.stage : "idle";
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
    shown = answer;
    if (answer.stage === "done") {
      address({ c: answer.source ? answer.source.id : "" });
      XMR.announce(t("captions"));
    }
    draw();
  };

  on("file", "clip", remember);
  on("lookup", "clip", lookup);
  on("language", "clip", draw);
  on("busy", "clip", (area) => { if (area === "clip") { shown = null; draw(); root.append(progress({ stage: "reading" })); } });
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

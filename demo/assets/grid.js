// A list of clips as cards: the answer to a sentence ("search") or to a clip ("similar").
window.XMR.grid = ({ element, props, trigger, watch }, place) => {
  const XMR = window.XMR;
  const { asked, state, h, icon, t, on, emit, begin, isCurrent, done, address, announce } = XMR;
  const root = element.querySelector(".xmr-grid");
  const isSearch = place === "search";
  const area = isSearch ? "search" : "clip";
  let shown = null; // the answer on the page
  let selected = "";
  let timer = 0;
  let asleep = ""; // the method that could not be asked a sentence
  let unseen = null; // the match to explain once this view is open
  root.id = `xmr-${place}`;

  const select = (card, wasAsked) => {
    selected = card.id;
    for (const hit of root.querySelectorAll(".xmr-hit")) hit.toggleAttribute("aria-current", hit.parentElement.dataset.id === selected);
    if (wasAsked) address({ v: card.id });
    const ticket = begin("why");
    emit("picked", card, wasAsked);
    const question = XMR.question({ query: shown.query, id: card.id, ticket });
    XMR.lastly("why", () => trigger("pick", question));
  };

  const cardOf = (card) => {
    const caption = XMR.captionOf(card);
    const tip = XMR.figureTip(card, shown.checkpoint);
    const label = [t("card", { rank: card.rank, caption }), tip, ...XMR.tagWords(card), t(isSearch ? "card_why" : "card_like")].join(" ");
    const isWords = !card.media && !card.poster && card.captioned;
    const item = h("li", { class: `xmr-card${isWords ? " xmr-card-words" : ""}`, "data-id": card.id });
    const link = XMR.linkOf(card);
    item.append(
      h("button", {
        type: "button", class: "xmr-hit", "aria-label": label,
        onclick: () => (isSearch ? select(card, true) : emit("lookup", card.id)),
      },
      h("span", { class: "xmr-media" },
        XMR.picture(card, item, card.rank < 4),
        h("span", { class: "xmr-corner" }, h("span", { class: "xmr-rank" }, card.rank), XMR.categoryTag(card)),
        h("span", { class: "xmr-corner xmr-below" }, XMR.stateTags(card), h("span", { class: "xmr-time" }, XMR.timeOf(card)))),
      isWords
        ? h("span", { class: "xmr-caption xmr-caption-id" }, card.id)
        : h("span", { class: "xmr-caption", lang: XMR.languageOf(caption) }, caption, !card.captioned && card.folder && h("small", { class: "xmr-folder" }, card.folder)),
      card.moments.length > 0 && h("small", { class: "xmr-folder" }, t("also_at", { times: card.moments.map((one) => XMR.clock(one.start_s)).join(t("and")) })),
      h("span", { class: "xmr-score", title: tip },
        h("span", { class: "xmr-meter" }, h("i", { style: { width: `${100 * card.bar}%` } })),
        h("b", null, XMR.figureOf(card, shown.checkpoint)))),
      h("div", { class: "xmr-tools" },
        isSearch && h("button", {
          type: "button", class: "xmr-tool", title: t("like"), "aria-label": `${t("like")}: ${caption}`,
          onclick: () => emit("lookup", card.id),
        }, icon("similar")),
        link && h("a", {
          class: "xmr-tool", href: link.url, target: "_blank", rel: "noopener noreferrer",
          title: link.tip, "aria-label": `${link.tip}: ${caption}`,
        }, icon("out"))),
    );
    return item;
  };

  const topLine = (answer) => {
    const number = answer.cards.length;
    const facts = [answer.checkpoint, t("clips", { count: XMR.count(answer.size) }), `${Math.max(1, Math.round(answer.elapsed_ms))} ms`];
    const file = (kind, type, mark) => h("button", {
      type: "button", class: "xmr-quiet", title: t(`as_${kind}`), "aria-label": t(`as_${kind}`),
      onclick: () => XMR.save(`matches.${kind}`, type, mark + answer.files[kind]),
    }, icon("down"), h("span", null, kind.toUpperCase()));
    return h("div", { class: "xmr-line" },
      h("h2", null, isSearch ? t(number === 1 ? "match" : "matches", { count: number }) : t("similar", { count: number })),
      h("p", { class: "xmr-facts" }, facts.join(" · ")),
      h("div", { class: "xmr-actions" },
        h("button", { type: "button", class: "xmr-quiet", onclick: (event) => XMR.copyLink(event.currentTarget, isSearch ? shown.query : "") }, icon("link"), h("span", null, t("copy"))),
        file("json", "application/json", ""),
        // Spreadsheets read UTF-8 only behind a byte order mark.
        file("csv", "text/csv", "\ufeff")));
  };

  const draw = () => {
    if (!shown) return;
    root.replaceChildren(topLine(shown), XMR.unknownLine(shown.unknown), XMR.drawnLine(shown.checkpoint), h("ol", { class: "xmr-cards" }, shown.cards.map(cardOf)));
    const current = root.querySelector(`[data-id="${CSS.escape(selected)}"] .xmr-hit`);
    if (current) current.toggleAttribute("aria-current", true);
    root.dataset.state = "done";
  };

  // What is done with a clip before there are similar ones; the panel beside says it aloud.
  let doing = "reading";
  on("doing", place, (stage) => {
    doing = stage;
    const words = root.querySelector(".xmr-wait p");
    if (!isSearch && words) words.textContent = t(doing);
  });

  // Ten grey cards; after a second also what is being waited for, and a way out.
  const drawWaiting = () => {
    clearTimeout(timer);
    const wait = h("div", { class: "xmr-wait", hidden: true },
      h("span", { class: "xmr-spin", "aria-hidden": "true" }),
      h("p", { role: isSearch ? "status" : null }, t(isSearch ? (shown ? "searching" : "warming") : doing)),
      isSearch && h("button", { type: "button", class: "xmr-quiet", onclick: () => emit("cancel", area) }, t("cancel")));
    const grey = Array.from({ length: 10 }, () => h("li", { class: "xmr-card xmr-grey" }, h("i"), h("i"), h("i")));
    root.replaceChildren(wait, h("ol", { class: "xmr-cards", "aria-hidden": "true" }, grey));
    root.dataset.state = "busy";
    timer = setTimeout(() => { wait.hidden = false; }, isSearch ? 1000 : 0);
  };

  // The filters let nothing through.
  const drawEmpty = () => {
    root.replaceChildren(h("div", { class: "xmr-notice" },
      icon("sliders"), h("b", null, t("filter_none")), h("p", null, t("filter_none_hint")),
      h("button", { type: "button", class: "xmr-quiet", onclick: () => { XMR.setFilters({}); emit("again", area); } }, icon("close"), h("span", null, t("filter_clear")))));
    root.dataset.state = "empty";
  };

  // A method that compares clips with clips only was asked a sentence.
  const drawNoText = (method) => {
    root.replaceChildren(h("div", { class: "xmr-notice" },
      icon("film"), h("b", null, t("no_text", { method })), h("p", null, t("no_text_hint")),
      h("button", { type: "button", class: "xmr-quiet", onclick: () => XMR.show("clip") }, icon("film"), h("span", null, t("no_text_go")))));
    root.dataset.state = "no_text";
  };

  const drawNotice = (reason) => {
    clearTimeout(timer);
    const canRepeat = isSearch && reason !== "idle";
    root.replaceChildren(h("div", { class: "xmr-notice" },
      icon(reason === "failed" ? "info" : "film"),
      h("b", null, t(reason === "idle" ? "clip_idle" : reason)),
      h("p", null, t(reason === "idle" ? "clip_idle_hint" : `${reason}_hint`)),
      canRepeat && h("button", { type: "button", class: "xmr-quiet", onclick: () => emit("again", area) }, icon("turn"), h("span", null, t("again")))));
    root.dataset.state = reason;
  };

  const receive = () => {
    const answer = XMR.answerOf(props);
    if (!isCurrent(area, answer) || !(answer.cards || answer.stage)) return;
    clearTimeout(timer);
    done(area);
    selected = "";
    if (answer.stage === "no_text") {
      shown = null;
      asleep = answer.checkpoint;
      drawNoText(asleep);
      address({ q: answer.query, m: asleep, v: "" });
      emit("answered", answer);
      emit("picked", null);
      return;
    }
    shown = answer;
    if (answer.cards.length) draw();
    else drawEmpty();
    if (!isSearch) return;
    const kept = answer.picked || "";
    if (answer.ticket || asked.get("q")) address({ q: answer.query, m: state.method, v: kept });
    emit("answered", answer);
    announce(`${t("matches", { count: answer.cards.length })}: ${answer.query}`);
    const first = answer.cards.find((card) => card.id === kept) || (kept ? { id: kept } : answer.cards[0]);
    if (!first) emit("picked", null);
    // By then something else may have been asked.
    if (XMR.view() === "search" && first) setTimeout(() => { if (!XMR.isWaiting("search")) select(first, false); }, 0);
    else unseen = first;
  };

  // Arrow keys walk over the cards as they lie.
  root.addEventListener("keydown", (event) => {
    if (!event.target.classList.contains("xmr-hit")) return;
    const hits = [...root.querySelectorAll(".xmr-hit")];
    const top = hits[0].getBoundingClientRect().top;
    const columns = hits.filter((hit) => Math.abs(hit.getBoundingClientRect().top - top) < 4).length;
    const now = hits.indexOf(event.target);
    const next = {
      ArrowRight: now + 1, ArrowLeft: now - 1, ArrowDown: now + columns, ArrowUp: now - columns,
      Home: 0, End: hits.length - 1,
    }[event.key];
    if (next === undefined || !hits[next]) return;
    hits[next].focus();
    event.preventDefault();
  });

  const redraw = () => {
    if (root.dataset.state === "done") draw();
    else if (root.dataset.state === "busy") drawWaiting();
    else if (root.dataset.state === "no_text") drawNoText(asleep);
    else if (root.dataset.state === "empty") drawEmpty();
    else drawNotice(root.dataset.state);
  };
  on("language", place, redraw);
  on("select", place, (id) => {
    if (!isSearch || !shown) return;
    unseen = null;
    select(shown.cards.find((card) => card.id === id) || { id }, true);
  });
  on("view", place, (next) => {
    if (!isSearch || next !== "search" || !unseen) return;
    const card = unseen;
    unseen = null;
    if (shown && !XMR.isWaiting("search")) select(card, false);
  });
  on("busy", place, (busy) => { if (busy === area) drawWaiting(); });
  on("stopped", place, (stopped, reason) => { if (stopped === area) drawNotice(isSearch || reason === "failed" ? reason : "idle"); });
  if (isSearch) drawWaiting();
  else drawNotice("idle");
  watch("value", receive);
  receive();
};

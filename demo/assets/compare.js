// The same question to all methods: their lists side by side, one of them the reference.
// A clip under the mouse or the keyboard lights up in every list.
window.XMR.compare = ({ element, props, trigger, watch }) => {
  const XMR = window.XMR;
  const { asked, state, methods, h, icon, t, on, emit, begin, isCurrent, done, stop, address, view, show } = XMR;
  const root = element.querySelector(".xmr-compare");
  root.id = "xmr-compare";
  let shown = null;
  let asking = ""; // what the last request was about
  let clip = view() === "compare" ? asked.get("c") || "" : ""; // compared by a clip instead of the sentence
  let wanted = asked.get("r") || ""; // id of the reference
  let chosen = asked.get("v") || "";

  const question = () => JSON.stringify([state.gallery, state.where, clip ? "clip" : "text", clip || state.query]);
  const ask = () => {
    asking = question();
    trigger("compare", XMR.question({ query: clip ? "" : state.query, clip, ticket: begin("compare") }));
  };

  const reference = () =>
    shown.columns.find((column) => column.id === wanted && column.rows) || shown.columns.find((column) => column.rows);
  const inOrder = () => [reference(), ...shown.columns.filter((column) => column !== reference())];

  // Lights one clip everywhere; where a list does not show it, the foot of the list says its rank.
  const light = (id, isPassing) => {
    for (const row of root.querySelectorAll(".xmr-row")) row.classList.toggle("lit", row.dataset.id === id);
    for (const column of shown.columns) {
      const foot = column.rows && root.querySelector(`.xmr-column[data-id="${CSS.escape(column.id)}"] .xmr-column-foot`);
      if (!foot) continue;
      const rank = column.ranks[id];
      const isShown = !id || column.rows.some((row) => row.id === id);
      foot.textContent = isShown ? "" : rank ? t("foot_rank", { rank: XMR.count(rank) }) : t("foot_nowhere");
      foot.classList.toggle("lit", !isShown);
    }
    for (const tile of root.querySelectorAll(".xmr-tile")) {
      const column = shown.columns.find((one) => one.id === tile.dataset.id);
      tile.classList.toggle("lit", Boolean(isPassing && id && column.rows && column.rows.some((row) => row.id === id)));
    }
  };
  const choose = (id, wasAsked) => {
    chosen = id;
    for (const row of root.querySelectorAll(".xmr-row")) row.toggleAttribute("aria-current", row.dataset.id === id);
    light(id);
    if (wasAsked) address({ v: id });
    emit("inspected", { query: shown.query, clip: shown.source ? shown.source.id : "", card: shown.clips[id], wasAsked });
  };
  const refer = (id) => {
    wanted = id;
    address({ r: id === shown.columns[0].id ? "" : id });
    draw();
    strip().scrollTo({ left: 0 });
    root.querySelector(".xmr-column .xmr-row").focus({ preventScroll: true });
    XMR.announce(`${t("reference")}: ${id}`);
  };
  const strip = () => root.querySelector(".xmr-columns");
  const jump = (id) => {
    const target = root.querySelector(`.xmr-column[data-id="${CSS.escape(id)}"]`);
    const pinned = root.querySelector(".xmr-column.reference");
    const isPinned = getComputedStyle(pinned).position === "sticky" && target !== pinned;
    const left = target.offsetLeft - strip().offsetLeft - (isPinned ? pinned.offsetWidth + 10 : 0);
    strip().scrollTo({ left, behavior: XMR.isCalm() ? "auto" : "smooth" });
  };

  const sourceLine = (card) => card && h("div", { class: "xmr-asked-clip" },
    h("span", { class: "xmr-media" }, XMR.still(card)),
    h("p", null, h("b", null, t("compare_by_clip")), h("span", { lang: XMR.languageOf(XMR.captionOf(card)) }, XMR.captionOf(card))),
    h("button", { type: "button", class: "xmr-quiet", onclick: () => byText() }, icon("search"), h("span", null, t("compare_by_text"))));
  const byText = () => { clip = ""; address({ c: "" }); ask(); };

  const topLine = () => {
    const lists = shown.columns.filter((column) => column.rows).length;
    const line = [
      t("compare_clips", { count: Object.keys(shown.clips).length }),
      t("compare_all", { count: shown.shared_by_all }),
      t("clips", { count: XMR.count(shown.size) }),
      t("compare_time", { elapsed: XMR.duration(shown.elapsed_ms) }),
    ];
    return h("div", { class: "xmr-line" },
      h("h2", null, t(lists === 1 ? "compare_one" : "compare_many", { count: lists })),
      h("p", { class: "xmr-facts" }, line.join(" · ")),
      h("div", { class: "xmr-actions" },
        h("button", { type: "button", class: "xmr-quiet", onclick: (event) => XMR.copyLink(event.currentTarget, shown.query) }, icon("link"), h("span", null, t("copy"))),
        h("button", { type: "button", class: "xmr-quiet", title: t("ranks_csv"), "aria-label": t("ranks_csv"), onclick: () => XMR.save("ranks.csv", "text/csv", "\ufeff" + shown.csv) }, icon("down"), h("span", null, "CSV"))));
  };
  // All lists at a glance; a tile brings its column into view.
  const tiles = (main) => h("div", { class: "xmr-tiles", role: "group", "aria-label": t("compare_lists") }, inOrder().map((column) => {
    const isMain = column === main;
    const shared = column.rows ? column.overlaps[main.id] : null;
    const says = isMain ? t("reference") : column.rows ? t("overlap", { count: shared }) : t("no_list");
    return h("button", { type: "button", class: `xmr-tile${isMain ? " reference" : ""}`, "data-id": column.id, "aria-label": `${column.id}: ${says}`, title: methods.get(column.id).title, onclick: () => jump(column.id) },
      h("b", null, column.id), isMain ? h("small", null, t("reference")) : column.rows ? [XMR.meter(shared), h("small", null, `${shared}/10`)] : h("small", null, "–"));
  }));

  const draw = () => {
    if (!shown) return;
    const left = strip() ? strip().scrollLeft : 0;
    const main = reference();
    const columns = h("div", { class: "xmr-columns", role: "group", "aria-label": t("compare_lists") },
      inOrder().map((column) => XMR.columnOf(column, main, shown, { choose, refer })));
    columns.addEventListener("pointerover", (event) => {
      const row = event.target.closest(".xmr-row");
      if (event.pointerType === "mouse") light(row ? row.dataset.id : chosen, Boolean(row));
    });
    columns.addEventListener("pointerleave", () => light(chosen));
    columns.addEventListener("focusin", (event) => { if (event.target.matches(".xmr-row:focus-visible")) light(event.target.dataset.id, true); });
    columns.addEventListener("focusout", () => light(chosen));
    columns.addEventListener("keydown", walk);
    root.replaceChildren(topLine(), sourceLine(shown.source) || "", unknownLine() || "", tiles(main), columns);
    columns.scrollLeft = left;
    const first = columns.querySelector(".xmr-row");
    if (first) first.tabIndex = 0;
    for (const row of columns.querySelectorAll(".xmr-row")) row.toggleAttribute("aria-current", row.dataset.id === chosen);
    light(chosen);
    root.dataset.state = "done";
  };
  const unknownLine = () => {
    const words = [...new Set(shown.columns.flatMap((column) => column.unknown || []))];
    return XMR.unknownLine(words);
  };

  // The lists are one stop of the Tab key; arrows walk in them, sideways at the same rank.
  const walk = (event) => {
    if (!event.target.classList.contains("xmr-row")) return;
    const grid = [...root.querySelectorAll(".xmr-column ol")].map((list) => [...list.querySelectorAll(".xmr-row")]).filter((rows) => rows.length);
    const x = grid.findIndex((rows) => rows.includes(event.target));
    const y = grid[x].indexOf(event.target);
    const [column, row] = {
      ArrowRight: [x + 1, y], ArrowLeft: [x - 1, y], ArrowDown: [x, y + 1], ArrowUp: [x, y - 1],
      Home: [x, 0], End: [x, grid[x].length - 1],
    }[event.key] || [];
    const next = grid[column] && grid[column][Math.min(row, grid[column].length - 1)];
    if (!next || row < 0) return;
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus({ preventScroll: column !== x });
    if (column !== x) jump(next.closest(".xmr-column").dataset.id);
    event.preventDefault();
  };

  const drawWaiting = (progress) => {
    const grey = () => h("section", { class: "xmr-column xmr-grey" }, h("i"), Array.from({ length: 10 }, () => h("i")));
    const sentence = progress ? t("loading_model", progress) : t("comparing_methods");
    root.replaceChildren(
      h("div", { class: "xmr-progress" },
        h("div", null, h("p", { role: "status" }, h("span", { class: "xmr-spin", "aria-hidden": "true" }), sentence),
          XMR.isWaiting("compare") && h("button", { type: "button", class: "xmr-quiet", onclick: () => { stop("compare", "cancelled"); trigger("cancel", {}); } }, t("cancel"))),
        progress && h("progress", { max: progress.count, value: progress.number - 0.5, "aria-label": sentence })),
      h("div", { class: "xmr-columns", "aria-hidden": "true" }, Array.from({ length: Math.min(5, XMR.offered().length) }, grey)));
    root.dataset.state = "busy";
  };
  const drawNotice = (reason) => {
    root.replaceChildren(h("div", { class: "xmr-notice" }, icon(reason === "failed" ? "info" : "columns"), h("b", null, t(reason)), h("p", null, t(`${reason}_hint`)),
      h("button", { type: "button", class: "xmr-quiet", onclick: ask }, icon("turn"), h("span", null, t("again")))));
    root.dataset.state = reason;
  };

  const receive = () => {
    const answer = XMR.answerOf(props);
    if (!isCurrent("compare", answer)) return;
    if (answer.stage === "loading") {
      drawWaiting({ method: answer.name, number: answer.number, count: answer.count });
      return;
    }
    done("compare");
    shown = answer;
    if (answer.query) address({ q: answer.query });
    if (!Object.keys(answer.clips).length) {
      drawNotice("filter_none");
      shown = null;
      return;
    }
    draw();
    XMR.announce(t("compare_many", { count: shown.columns.filter((column) => column.rows).length }));
    choose(shown.clips[chosen] ? chosen : reference().rows[0].id, false);
  };

  // Asks once the view is open and what is on the page belongs to another question.
  const refresh = () => { if (view() === "compare" && asking !== question()) ask(); };
  on("query", "compare", (place) => { if (place === "compare") { clip = ""; address({ c: "" }); ask(); } });
  on("compare", "compare", (id) => { clip = id; show("compare"); address({ c: id }); refresh(); });
  on("view", "compare", (next) => {
    if (next === "compare" && shown) address({ c: clip, v: chosen });
    refresh();
  });
  // A link to this view: the page's own first answer shows that everything is ready.
  on("answered", "compare", refresh);
  on("stopped", "compare", (area, reason) => {
    if (area === "search") refresh();
    if (area === "compare") drawNotice(reason);
  });
  on("gallery", "compare", () => {
    clip = chosen = wanted = asking = "";
    shown = null;
    stop("compare", "cancelled");
    root.replaceChildren();
    root.dataset.state = "";
  });
  on("busy", "compare", (area) => { if (area === "compare") drawWaiting(null); });
  on("language", "compare", () => {
    if (root.dataset.state === "done") draw();
    else if (root.dataset.state && root.dataset.state !== "busy") drawNotice(root.dataset.state);
  });
  if (view() === "compare") drawWaiting(null);
  watch("value", receive);
  receive();
};

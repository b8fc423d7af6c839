// What was measured: a table from the methods' cards, the time a query takes here and now, the
// card of one method in words, and quality against size.
window.XMR.metrics = ({ element, props, trigger, watch }) => {
  const XMR = window.XMR;
  const { state, methods, h, icon, t, on, begin, isCurrent, done, stop, view } = XMR;
  const root = element.querySelector(".xmr-metrics");
  root.id = "xmr-metrics";
  const now = { language: "en", direction: "t2v", sort: "", falling: true, method: XMR.offered()[0].id };
  let times = {};
  let measuring = ""; // id of the method that is being timed
  let runs = 0;
  let isAsked = false;

  const measure = () => {
    isAsked = true;
    times = {};
    trigger("measure", XMR.question({ query: state.query, ticket: begin("metrics") }));
  };

  const recall = (name) => (method) => { const found = method.recall[now.language]; return found ? found[now.direction][name] : null; };
  const time = (name) => (method) => (times[method.id] && !times[method.id].error ? times[method.id][name] : null);
  // key, what a method has there, how it is written, whether more is better
  const COLUMNS = [
    ...["R@1", "R@5", "R@10"].map((name) => ({ key: name, of: recall(name), say: (value) => value.toFixed(1), more: true, bar: true, recall: true })),
    { key: "MedR", of: recall("MedR"), say: (value) => value.toFixed(1), more: false, recall: true },
    { key: "MeanR", of: recall("MeanR"), say: (value) => value.toFixed(1), more: false, recall: true },
    { key: "mAP", of: (method) => (method.map ? method.map.value : null), say: (value) => value.toFixed(1), more: true, bar: true },
    { key: "bytes", of: (method) => method.bytes, say: XMR.bytes, more: false },
    { key: "search_ms", of: time("search_ms"), say: (value) => `${value.toFixed(1)} ms`, more: false, live: true },
    { key: "encode_ms", of: time("encode_ms"), say: (value) => `${value.toFixed(1)} ms`, more: false, live: true },
    { key: "model", of: (method) => method.model_bytes, say: XMR.bytes, more: false },
  ];

  const segment = (name, values) => h("fieldset", { class: "xmr-segment" }, h("legend", { class: "xmr-hidden" }, t(`metrics_${name}`)),
    values.map((value) => h("label", null,
      h("input", { type: "radio", name: `xmr-${name}`, value, ...(now[name] === value ? { checked: true } : {}), onchange: () => { now[name] = value; draw(); root.querySelector(`[name="xmr-${name}"]:checked`).focus(); } }),
      h("span", null, t(name === "language" ? `captions_${value}` : value)))));

  const cellOf = (column, method, best, most) => {
    const value = column.of(method);
    if (value === null || value === undefined) {
      const isTiming = column.live && XMR.isWaiting("metrics") && !times[method.id];
      const failure = column.live && times[method.id] && times[method.id].error;
      if (isTiming) return h("td", { class: "xmr-none" }, measuring === method.id ? h("span", { class: "xmr-spin", role: "img", "aria-label": t("measuring") }) : h("span", { "aria-label": t("measuring") }, "…"));
      if (column.recall && !method.text) return h("td", { class: "xmr-none", title: t("recall_no_text") }, t("reads_none"));
      return h("td", { class: "xmr-none", title: failure || t("not_measured_tip") }, t("not_measured"));
    }
    return h("td", { class: value === best ? "best" : "", title: column.key === "model" && method.base ? t("model_and_base", { model: XMR.bytes(value), base: method.base, bytes: method.base_bytes === null ? t("not_measured") : XMR.bytes(method.base_bytes) }) : null },
      column.bar && h("i", { class: "xmr-cell-bar", "aria-hidden": "true", style: { "--share": value / most } }),
      h("span", null, column.key === "model" && method.base ? `+${column.say(value)}` : column.say(value)));
  };

  const table = () => {
    const list = XMR.offered();
    const sorter = COLUMNS.find((column) => column.key === now.sort);
    if (sorter) {
      // What was not measured comes last, whichever way the rest is ordered.
      const worth = (method) => { const value = sorter.of(method); return value === null || value === undefined ? null : now.falling ? -value : value; };
      list.sort((one, other) => (worth(one) === null ? 1 : 0) - (worth(other) === null ? 1 : 0) || worth(one) - worth(other));
    }
    const values = new Map(COLUMNS.map((column) => [column.key, XMR.offered().map(column.of).filter((value) => typeof value === "number")]));
    const order = (column) => {
      if (now.sort === column.key) now.falling = !now.falling;
      else Object.assign(now, { sort: column.key, falling: column.more });
      drawTimes();
    };
    const head = COLUMNS.map((column) => h("th", { scope: "col", "aria-sort": now.sort === column.key ? (now.falling ? "descending" : "ascending") : "none" },
      h("button", { type: "button", "data-sort": column.key, title: t(`column_${column.key}_tip`), onclick: () => order(column) },
        t(`column_${column.key}`), h("span", { "aria-hidden": "true" }, now.sort === column.key ? (now.falling ? " ↓" : " ↑") : ""))));
    const row = (method) => h("tr", { "data-id": method.id, class: method.id === now.method ? "chosen" : "" },
      h("th", { scope: "row" },
        h("button", { type: "button", "aria-pressed": String(method.id === now.method), title: method.title, onclick: () => { now.method = method.id; draw(); root.querySelector(`tr[data-id="${CSS.escape(method.id)}"] button`).focus(); } },
          h("b", null, method.id)),
        XMR.abilities(method)),
      COLUMNS.map((column) => {
        const found = values.get(column.key);
        const best = new Set(found).size > 1 ? (column.more ? Math.max(...found) : Math.min(...found)) : undefined;
        return cellOf(column, method, column.key === "bytes" || column.key === "model" ? undefined : best, Math.max(1e-9, ...found));
      }));
    return h("div", { class: "xmr-metrics-table", tabindex: 0, role: "region", "aria-label": t("metrics_table") },
      h("table", null, h("caption", { class: "xmr-hidden" }, t("metrics_table")),
        h("thead", null, h("tr", null, h("th", { scope: "col" }, t("method")), head)),
        h("tbody", null, list.map(row))));
  };

  const protocolOf = (method, direction, language) => {
    const found = method.recall[language];
    if (!found || found.size === null) return null;
    return t(`protocol_${direction}`, { language: t(`language_${language}`), size: XMR.count(found.size), split: found.split, ties: t(`ties_${found.ties}`) });
  };
  const sharedProtocol = () => {
    for (const method of XMR.offered()) {
      const sentence = protocolOf(method, now.direction, now.language);
      if (sentence) return sentence;
    }
    return "";
  };

  // Quality belongs to the data that it was measured on, which may not be the gallery on the page.
  const elsewhere = () => {
    const splits = [...new Set(XMR.offered().flatMap((method) => Object.values(method.recall).map((one) => one.split)))].filter(Boolean);
    const name = XMR.gallery().id;
    if (splits.some((split) => split.split(" ")[0] === name)) return null;
    const sentence = splits.length ? t("metrics_elsewhere", { splits: splits.join(t("and")), gallery: name }) : t("metrics_unmeasured", { gallery: name });
    return h("p", { class: "xmr-unknown xmr-elsewhere" }, icon("info"), h("span", null, sentence));
  };

  const command = (line) => line && h("div", { class: "xmr-command" }, h("code", { tabindex: 0 }, line),
    h("button", { type: "button", class: "xmr-tool", title: t("copy_command"), "aria-label": `${t("copy_command")}: ${line}`, onclick: async (event) => {
      const button = event.currentTarget;
      try { await navigator.clipboard.writeText(line); } catch { return; }
      button.replaceChildren(icon("check"));
      XMR.announce(t("command_copied"));
    } }, icon("link")));
  const claim = (one) => h("details", null, h("summary", null, one.name),
    one.command && command(one.command),
    h("dl", null, one.rows.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value === null ? t("not_measured") : String(value))))));

  const card = () => {
    const method = methods.get(now.method);
    const lines = [];
    for (const language of ["en", "zh"]) {
      for (const direction of ["t2v", "v2t"]) {
        const sentence = protocolOf(method, direction, language);
        const found = method.recall[language];
        if (!sentence) continue;
        lines.push(h("tr", null, h("th", { scope: "row", title: sentence }, `${t(direction)}, ${t(`captions_${language}`)}`),
          ["R@1", "R@5", "R@10", "MedR", "MeanR"].map((name) => h("td", { class: found[direction][name] === null ? "xmr-none" : "" }, XMR.measured(found[direction][name]) || t("not_measured")))));
      }
    }
    const first = method.recall.en || method.recall.zh;
    const { minutes, machine } = method.trained;
    const made = [minutes && t("trained_minutes", { minutes: Number(minutes).toFixed(0) }), machine, method.trained.seed && t("trained_seed", { seed: method.trained.seed })];
    const size = method.model_bytes === null ? t("not_measured") : method.base ? t("model_and_base", { model: XMR.bytes(method.model_bytes), base: method.base, bytes: method.base_bytes === null ? t("not_measured") : XMR.bytes(method.base_bytes) }) : XMR.bytes(method.model_bytes);
    return h("section", { class: "xmr-card-of", "aria-label": method.id },
      h("h2", null, method.id), h("p", { class: "xmr-card-title" }, method.title), XMR.abilities(method),
      lines.length
        ? h("div", { class: "xmr-card-numbers", tabindex: 0, role: "region", "aria-label": `${method.id}: ${t("metrics_table")}` }, h("table", null,
          h("thead", null, h("tr", null, h("td"), ["R@1", "R@5", "R@10", "MedR", "MeanR"].map((name) => h("th", { scope: "col" }, name)))),
          h("tbody", null, lines)))
        : h("p", { class: "xmr-facts" }, t(method.text ? "recall_not_measured" : "recall_no_text")),
      first && h("p", { class: "xmr-facts" }, protocolOf(method, now.direction, method.recall[now.language] ? now.language : method.recall.en ? "en" : "zh")),
      first && command(first.command),
      method.map && h("p", null, h("b", null, t("map_is", { value: method.map.value.toFixed(1) })), " ", h("span", { class: "xmr-facts" }, method.map.protocol)),
      method.map && command(method.map.command),
      h("dl", { class: "xmr-card-facts" },
        h("div", null, h("dt", null, t("column_model")), h("dd", null, size)),
        method.bytes !== null && h("div", null, h("dt", null, t("column_bytes")), h("dd", null, method.bits ? t("bits_bytes", { bits: method.bits, bytes: XMR.bytes(method.bytes) }) : t("floats_bytes", { width: method.bytes / 4, bytes: XMR.bytes(method.bytes) }))),
        made.some(Boolean) && h("div", null, h("dt", null, t("trained")), h("dd", null, made.filter(Boolean).join(" · ")))),
      method.trained.command && [h("h3", null, t("trained_by")), command(method.trained.command)],
      method.claims.length > 0 && h("div", { class: "xmr-claims" }, h("h3", null, t("claims")), method.claims.map(claim)));
  };

  const timing = () => {
    const sizes = Object.values(times).filter((one) => !one.error).map((one) => one.clips);
    if (XMR.isWaiting("metrics")) return t("measuring_now", { method: measuring || "…" });
    if (!sizes.length) return t("not_timed");
    return t("timed", { runs, clips: XMR.count(Math.max(...sizes)) });
  };
  const curve = XMR.tradeOff();
  const timed = h("div", { class: "xmr-timed" }); // what changes while times come in
  const scrolled = () => { const box = timed.querySelector(".xmr-metrics-table"); return box ? box.scrollLeft : 0; };
  const drawTimes = (left = scrolled()) => {
    const focus = timed.contains(document.activeElement) ? document.activeElement : null;
    const row = focus && focus.closest("tr[data-id]");
    const again = !focus ? null : focus.dataset.sort ? `[data-sort="${CSS.escape(focus.dataset.sort)}"]`
      : row ? `tr[data-id="${CSS.escape(row.dataset.id)}"] button` : focus.tagName === "BUTTON" ? ".xmr-timing button" : ".xmr-metrics-table";
    timed.replaceChildren(
      table(),
      h("div", { class: "xmr-line xmr-timing" }, h("p", { class: "xmr-facts", role: "status" }, timing()),
        h("div", { class: "xmr-actions" }, XMR.isWaiting("metrics")
          ? h("button", { type: "button", class: "xmr-quiet", onclick: () => { stop("metrics", "cancelled"); trigger("cancel", {}); } }, t("cancel"))
          : h("button", { type: "button", class: "xmr-quiet", onclick: measure }, icon("turn"), h("span", null, t("measure_again"))))));
    timed.querySelector(".xmr-metrics-table").scrollLeft = left;
    if (again) timed.querySelector(again).focus({ preventScroll: true });
    root.dataset.state = XMR.isWaiting("metrics") ? "busy" : isAsked ? "done" : "idle";
  };
  const draw = () => {
    const left = scrolled(); // Moving an element sets its scrolling back.
    root.replaceChildren(
      h("div", { class: "xmr-line" }, h("h2", null, t("metrics")),
        h("div", { class: "xmr-actions" }, segment("language", ["en", "zh"]), segment("direction", ["t2v", "v2t"]))),
      h("p", { class: "xmr-facts xmr-protocol" }, sharedProtocol()),
      elsewhere() || "",
      timed,
      h("div", { class: "xmr-metrics-below" }, card(),
        h("section", { class: "xmr-curve-of" }, h("h2", null, t("curve")), h("p", { class: "xmr-facts" }, t("curve_hint")), curve.element)));
    drawTimes(left);
  };

  const receive = () => {
    const answer = XMR.answerOf(props);
    if (!isCurrent("metrics", answer)) return;
    times = answer.times;
    measuring = answer.now;
    runs = answer.runs;
    if (!answer.now) done("metrics");
    drawTimes();
  };
  const refresh = () => { if (view() === "metrics" && !isAsked) measure(); };
  on("query", "metrics", (place) => { if (place === "metrics") measure(); });
  on("view", "metrics", refresh);
  on("answered", "metrics", refresh);
  on("stopped", "metrics", (area) => { if (area === "search") refresh(); if (area === "metrics") drawTimes(); });
  on("busy", "metrics", (area) => { if (area === "metrics") drawTimes(); });
  on("gallery", "metrics", () => {
    stop("metrics", "cancelled");
    times = {};
    isAsked = false;
    now.method = XMR.offered()[0].id;
    draw();
  });
  on("language", "metrics", draw);
  draw();
  watch("value", receive);
  receive();
};

// Two sentences of the same meaning, English and Chinese: how far do a method's two lists agree?
window.XMR.pairs = ({ element, props, trigger, watch }) => {
  const XMR = window.XMR;
  const { h, t, on, begin, isCurrent, done, view } = XMR;
  const root = element.querySelector(".xmr-pairs");
  root.id = "xmr-pairs";
  let chosen = 0; // number of the pair; -1 for the captions of the clip that is looked at
  let clip = "";
  let shown = null;
  let isAsked = false;

  const ask = (number) => {
    chosen = number;
    isAsked = true;
    trigger("agree", XMR.question({ pair: number, id: number < 0 ? clip : "", ticket: begin("pairs") }));
  };

  const chooser = () => h("div", { class: "xmr-pair-choice", role: "group", "aria-label": t("pairs_choose") },
    XMR.gallery().pairs.map(([english, chinese], i) => h("button", {
      type: "button", class: "xmr-chip", "aria-pressed": String(chosen === i), onclick: () => ask(i),
    }, h("span", { lang: "en" }, english), h("span", { lang: "zh-CN" }, chinese))),
    clip && XMR.gallery().bilingual && h("button", { type: "button", class: "xmr-chip", "aria-pressed": String(chosen < 0), onclick: () => ask(-1) },
      h("span", null, t("pairs_captions")), h("span", null, t("pairs_captions_hint"))));

  const stills = (ids, other, language) => h("ol", { class: "xmr-pair-list", "aria-label": t(`pairs_${language}`) }, ids.map((id, i) => {
    const card = shown.clips[id];
    const isShared = other.includes(id);
    const caption = XMR.captionOf(card);
    const tip = `${t("card", { rank: i + 1, caption })} ${t(isShared ? "pairs_in_both" : "pairs_in_one")}`;
    return h("li", { class: isShared ? "both" : "one", title: tip, "data-id": id },
      h("span", { class: "xmr-media" }, XMR.still(card)), h("span", { class: "xmr-hidden" }, tip));
  }));
  const row = (answer) => {
    const name = h("div", { class: "xmr-pair-name" }, h("b", null, answer.id));
    if (!answer.lists) return h("li", { class: "xmr-pair" }, name, h("p", { class: "xmr-facts" }, answer.reason ? t(answer.reason) : answer.error));
    const [english, chinese] = answer.lists;
    name.append(h("p", { class: "xmr-pair-count" }, XMR.meter(answer.overlap), h("span", null, t("overlap", { count: answer.overlap }))));
    return h("li", { class: "xmr-pair", "data-id": answer.id }, name,
      h("div", { class: "xmr-pair-lists" },
        h("span", { lang: "en", "aria-hidden": "true" }, "EN"), stills(english, chinese, "en"),
        h("span", { lang: "zh-CN", "aria-hidden": "true" }, "中"), stills(chinese, english, "zh")));
  };

  const draw = () => {
    if (!XMR.gallery().pairs.length && !XMR.gallery().bilingual) { root.replaceChildren(); return; }
    const parts = [
      h("div", { class: "xmr-line" }, h("h2", null, t("pairs")), h("p", { class: "xmr-facts" }, t("pairs_hint"))),
      chooser(),
    ];
    if (XMR.isWaiting("pairs")) parts.push(h("p", { class: "xmr-why-idle", role: "status" }, h("span", { class: "xmr-spin", "aria-hidden": "true" }), t("comparing_methods")));
    else if (shown) {
      const [english, chinese] = shown.pair;
      const rows = shown.rows.filter((one) => one.lists);
      const mean = rows.reduce((sum, one) => sum + one.overlap, 0) / Math.max(1, rows.length);
      parts.push(
        h("p", { class: "xmr-pair-queries" }, h("span", { lang: "en" }, `“${english}”`), h("span", { "aria-hidden": "true" }, "↔"), h("span", { lang: "zh-CN" }, `“${chinese}”`),
          rows.length > 1 && h("span", { class: "xmr-facts" }, t("pairs_mean", { mean: mean.toFixed(1), count: rows.length }))),
        h("ul", { class: "xmr-pair-rows" }, shown.rows.map(row)));
    }
    root.replaceChildren(...parts);
    // A clip under the mouse lights up in all lists of this part.
    root.onpointerover = (event) => {
      const item = event.target.closest(".xmr-pair-list li");
      for (const one of root.querySelectorAll(".xmr-pair-list li")) one.classList.toggle("lit", Boolean(item) && one.dataset.id === item.dataset.id);
    };
    root.dataset.state = XMR.isWaiting("pairs") ? "busy" : shown ? "done" : "idle";
  };

  const receive = () => {
    const answer = XMR.answerOf(props);
    if (!isCurrent("pairs", answer)) return;
    done("pairs");
    shown = answer;
    draw();
  };
  // First asked when a comparison is on the page: then the models are loaded.
  on("inspected", "pairs", (about) => {
    const isNew = clip !== about.card.id;
    clip = about.card.id;
    if (!isAsked && view() === "compare" && XMR.gallery().pairs.length) ask(0);
    else if (chosen < 0 && isNew) ask(-1);
    else draw();
  });
  on("gallery", "pairs", () => {
    chosen = 0;
    clip = "";
    shown = null;
    isAsked = false;
    XMR.stop("pairs", "cancelled");
    root.replaceChildren();
    root.dataset.state = "idle";
  });
  on("busy", "pairs", (area) => { if (area === "pairs") draw(); });
  on("stopped", "pairs", (area) => { if (area === "pairs") { shown = null; draw(); } });
  on("language", "pairs", () => { if (isAsked) draw(); });
  watch("value", receive);
  receive();
};

// One clip of a comparison in every method's list: its rank and score, and its bits beside the
// query's where a method compares codes.
window.XMR.inspect = ({ element, props, trigger, watch }) => {
  const XMR = window.XMR;
  const { state, methods, h, icon, t, on, emit, begin, isCurrent, done, show } = XMR;
  const root = element.querySelector(".xmr-inspect");
  root.id = "xmr-inspect";
  let asked = null; // {query, clip, card, wasAsked}
  let shown = null;

  const film = (card) => {
    const caption = XMR.captionOf(card);
    if (card.kind === "video" && card.media) {
      const video = XMR.makeVideo(card, { src: `${card.media}#t=${card.start_s}`, poster: card.poster, controls: true, preload: "none", "aria-label": caption });
      return h("div", { class: "xmr-inspect-film" }, video);
    }
    if (card.media) return h("div", { class: "xmr-inspect-film" }, h("img", { src: card.media, alt: caption }));
    return XMR.storedStage(card).element;
  };

  const rankRow = (row) => {
    const name = h("th", { scope: "row" }, row.id);
    if (row.rank === undefined) return h("tr", null, name, h("td", { colspan: 3, class: "xmr-none" }, row.reason ? t(row.reason) : row.error || t("foot_nowhere")));
    return h("tr", { class: row.rank <= 10 ? "shown" : "" }, name,
      h("td", { class: "xmr-inspect-rank" }, h("b", null, XMR.count(row.rank)), h("small", null, t("of_clips", { count: XMR.count(row.size) }))),
      h("td", { class: "xmr-inspect-meter", "aria-hidden": "true" }, h("span", { class: "xmr-meter" }, h("i", { style: { width: `${100 * row.bar}%` } }))),
      h("td", { class: "xmr-inspect-score", title: XMR.figureTip(row, row.id) }, XMR.figureOf(row, row.id)));
  };

  // Opens the explanation of this clip in the Search view, with the method that was searched with.
  const explain = () => {
    const id = shown.clip.id;
    const method = methods.get(state.method).text ? state.method : shown.rows.find((row) => row.rank).id;
    state.method = method;
    emit("method", method);
    XMR.address({ v: id });
    emit("explain", shown.query, id);
  };

  const draw = () => {
    const { clip, rows, codes, query } = shown;
    const caption = XMR.captionOf(clip);
    root.replaceChildren(
      h("h2", null, t("inspect")),
      h("div", { class: "xmr-inspect-body" },
        h("div", { class: "xmr-inspect-clip" },
          film(clip),
          h("p", { lang: XMR.languageOf(caption) }, caption),
          h("div", { class: "xmr-inspect-tools" },
            query && h("button", { type: "button", class: "xmr-quiet", onclick: explain }, icon("info"), h("span", null, t("why"))),
            XMR.linkButton(clip),
            h("button", { type: "button", class: "xmr-quiet", onclick: () => emit("compare", clip.id) }, icon("columns"), h("span", null, t("compare_this_clip"))))),
        h("div", { class: "xmr-inspect-ranks" },
          h("h3", null, t("inspect_ranks"), h("small", null, t("inspect_ranks_hint"))),
          h("table", null,
            h("caption", { class: "xmr-hidden" }, t("inspect_ranks")),
            h("thead", { class: "xmr-hidden" }, h("tr", null, h("th", { scope: "col" }, t("method")), h("th", { scope: "col" }, t("rank")), h("th", { scope: "col" }, t("sigma_column")), h("th", { scope: "col" }, t("score")))),
            h("tbody", null, rows.map(rankRow)))),
        codes.length > 0 && h("div", { class: "xmr-inspect-codes" },
          h("h3", null, t("bits"), h("small", null, t("bits_hint"))),
          h("div", { class: "xmr-hashes" }, codes.map(XMR.hashCard)))));
    root.dataset.state = "done";
    root.dataset.clip = clip.id;
  };

  const drawWaiting = () => {
    root.dataset.state = "busy";
    if (!shown) root.replaceChildren(h("h2", null, t("inspect")), h("p", { class: "xmr-why-idle", role: "status" }, h("span", { class: "xmr-spin", "aria-hidden": "true" }), t("inspecting")));
  };
  const receive = () => {
    const answer = XMR.answerOf(props);
    if (!isCurrent("inspect", answer)) return;
    done("inspect");
    shown = answer;
    draw();
    // The visitor pressed a row: bring the answer into view, but move no more than needed.
    if (asked && asked.wasAsked) root.scrollIntoView({ block: "nearest", behavior: XMR.isCalm() ? "auto" : "smooth" });
  };

  on("inspected", "inspect", (about) => {
    asked = about;
    const question = XMR.question({ query: about.query, clip: about.clip, id: about.card.id, ticket: begin("inspect") });
    XMR.lastly("inspect", () => trigger("inspect", question));
  });
  on("busy", "inspect", (area) => {
    if (area === "inspect") drawWaiting();
    if (area === "compare") { shown = null; XMR.stop("inspect", "replaced"); root.replaceChildren(); root.dataset.state = "idle"; }
  });
  on("stopped", "inspect", (area, reason) => {
    if (area !== "inspect" || reason === "replaced") return;
    root.replaceChildren(h("h2", null, t("inspect")), h("p", { class: "xmr-why-idle" }, t("failed")));
    root.dataset.state = reason;
  });
  on("gallery", "inspect", () => { shown = null; XMR.stop("inspect", "replaced"); root.replaceChildren(); root.dataset.state = "idle"; });
  on("language", "inspect", () => { if (shown && root.dataset.state === "done") draw(); });
  watch("value", receive);
  receive();
};

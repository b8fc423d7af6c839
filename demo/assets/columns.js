// One method's list in a comparison: a column of rows, each with its change against the reference.
(() => {
  const XMR = window.XMR;
  const { h, icon, t, score, sigma, methods } = XMR;

  const figureOf = (row, id) => {
    const { bits } = methods.get(id);
    return row.distance === null ? score(row.score) : `${row.distance}/${bits}`;
  };
  const figureTip = (row, id) => {
    const tip = t("score_tip", { score: score(row.score), sigma: sigma(row.sigma) });
    return row.distance === null ? tip : `${t("bits_differ", { count: row.distance, bits: methods.get(id).bits })} ${tip}`;
  };

  // How a row's rank differs from the rank of the same clip in the reference: {text, kind, tip}.
  const changeOf = (row, column, reference) => {
    if (column.id === reference.id) return null;
    const before = reference.ranks[row.id];
    const tip = before ? t("was_rank", { rank: XMR.count(before), method: reference.id }) : t("was_nowhere", { method: reference.id });
    if (!before || before > 10) return { text: t("change_new"), kind: "new", tip };
    const move = before - row.rank;
    if (!move) return { text: "=", kind: "same", tip };
    return { text: `${move > 0 ? "▲" : "▼"}${Math.abs(move)}`, kind: move > 0 ? "up" : "down", tip };
  };

  // A ten-part meter of how many clips two lists share.
  const meter = (value, of = 10) => h("span", { class: "xmr-ten", "aria-hidden": "true" },
    Array.from({ length: of }, (_, i) => h("i", { class: i < value ? "on" : "" })));

  const still = (card) => (card.poster
    ? h("img", { src: card.poster, alt: "", width: 320, height: 180, loading: "lazy", decoding: "async" })
    : XMR.blank(card));

  const rowOf = (row, column, reference, answer, choose) => {
    const card = answer.clips[row.id];
    const caption = XMR.captionOf(card);
    const change = changeOf(row, column, reference);
    const isOnly = column.only.includes(row.id);
    const said = [t("card", { rank: row.rank, caption }), figureTip(row, column.id), change && change.tip, isOnly && t("only_here_tip"), t("inspect_this")];
    return h("li", null, h("button", {
      type: "button", class: "xmr-row", "data-id": row.id, tabindex: -1, "aria-label": said.filter(Boolean).join(" "),
      onclick: () => choose(row.id, true),
    },
    h("span", { class: "xmr-rank" }, row.rank),
    h("span", { class: "xmr-media" }, still(card)),
    h("span", { class: "xmr-row-text" },
      h("span", { class: "xmr-caption", lang: XMR.languageOf(caption), title: caption }, caption)),
    h("span", { class: "xmr-row-figures" },
      h("b", { title: figureTip(row, column.id) }, figureOf(row, column.id)),
      isOnly
        ? h("small", { class: "xmr-only", title: t("only_here_tip") }, t("only_here"))
        : change && h("small", { "data-change": change.kind, title: change.tip }, change.text))));
  };

  // `actions` has choose(id, wasAsked) and refer(id).
  const columnOf = (column, reference, answer, actions) => {
    const method = methods.get(column.id);
    const isReference = column.id === reference.id;
    const name = `xmr-column-${column.id}`;
    const head = h("header", null,
      h("div", { class: "xmr-column-name" },
        h("h3", { id: name }, column.id),
        method.bits ? h("span", { class: "xmr-mark", "data-kind": "bits" }, t("mark_bits", { bits: method.bits })) : null,
        isReference
          ? h("span", { class: "xmr-reference", title: t("reference_hint") }, icon("pin"), t("reference"))
          : !column.error && !column.reason && h("button", {
            type: "button", class: "xmr-tool", title: t("refer", { method: column.id }), "aria-label": t("refer", { method: column.id }),
            onclick: () => actions.refer(column.id),
          }, icon("pin"))),
      h("p", { class: "xmr-column-title", title: method.title }, method.title));
    const section = h("section", { class: `xmr-column${isReference ? " reference" : ""}`, "data-id": column.id, "aria-labelledby": name }, head);
    if (!column.rows) {
      section.append(h("p", { class: "xmr-column-none" }, icon("info"), h("span", null, column.reason ? t(column.reason) : column.error)));
      return section;
    }
    const shared = column.overlaps[reference.id];
    head.append(h("p", { class: "xmr-column-facts" },
      !isReference && [meter(shared), h("span", null, t("overlap", { count: shared }))],
      h("span", { class: "xmr-column-time" }, XMR.duration(column.elapsed_ms))));
    section.append(
      h("ol", null, column.rows.map((row) => rowOf(row, column, reference, answer, actions.choose))),
      h("p", { class: "xmr-column-foot", "aria-hidden": "true" }));
    return section;
  };

  Object.assign(XMR, { columnOf, meter, still, figureOf, figureTip });
})();

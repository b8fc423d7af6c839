// Binary codes: the query's bits above the clip's, touching, 32 to a line; where they differ, both
// are outlined together.
(() => {
  const { h, t } = window.XMR;
  const PER_LINE = 32;

  // `codes` is {id, query: "0110...", clip: "..."} of equal length.
  const hashCard = (codes) => {
    const size = codes.query.length;
    const pairs = Array.from(codes.query, (bit, i) => [bit, codes.clip[i]]);
    const differing = pairs.filter(([one, other]) => one !== other).length;
    const line = (start) => h("div", { class: "xmr-bits" },
      pairs.slice(start, start + PER_LINE).map(([one, other]) => h("span", { class: one === other ? "" : "differs" },
        h("i", { "data-bit": one }), h("i", { "data-bit": other }))));
    const lines = [];
    for (let start = 0; start < size; start += PER_LINE) lines.push(line(start));
    const count = t("bits_differ", { count: differing, bits: size });
    return h("figure", { class: "xmr-hash", "data-differing": differing },
      h("figcaption", null, h("b", null, codes.id), h("span", null, count)),
      h("div", { class: "xmr-hash-rows", role: "img", "aria-label": `${codes.id}: ${count}` },
        h("div", { class: "xmr-hash-names", "aria-hidden": "true" }, h("span", null, t("bits_query")), h("span", null, t("bits_clip"))),
        h("div", { class: "xmr-hash-lines" }, lines)));
  };

  Object.assign(window.XMR, { hashCard });
})();

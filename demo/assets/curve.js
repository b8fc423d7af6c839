// Quality against size: one line per family of codes, a dashed level for each real-valued method
// to measure them by, and a slider over the lengths there are.
(() => {
  const XMR = window.XMR;
  const { h, t, on } = XMR;
  const NAMES = { cmfh: "CMFH", triplet: "Triplet" };
  const MARKS = ["circle", "square", "triangle"];
  const WIDTH = 640, HEIGHT = 310, LEFT = 46, RIGHT = 18, TOP = 16, BOTTOM = 54;

  // What can be put on the vertical axis: {key, label, of(method)}.
  const measures = () => [
    ...["en", "zh"].flatMap((language) => ["t2v", "v2t"].flatMap((direction) => ["R@1", "R@10"].map((name) => ({
      key: `${language} ${direction} ${name}`,
      label: `${name}, ${t(direction)}, ${t(`captions_${language}`)}`,
      of: (method) => { const found = method.recall[language]; return found ? found[direction][name] : null; },
    })))),
    { key: "mAP", label: t("map_long"), of: (method) => (method.map ? method.map.value : null) },
  ].filter((measure) => XMR.offered().some((method) => method.bits && measure.of(method) !== null));

  const families = (measure) => {
    const found = new Map();
    for (const method of XMR.offered()) {
      const value = measure.of(method);
      if (!method.bits || value === null) continue;
      if (!found.has(method.method)) found.set(method.method, []);
      found.get(method.method).push({ method, bits: method.bits, value });
    }
    for (const points of found.values()) points.sort((one, other) => one.bits - other.bits);
    return [...found];
  };

  const markAt = (kind, x, y, attributes) => {
    if (kind === "circle") return h("circle", { cx: x, cy: y, r: 5, ...attributes });
    if (kind === "square") return h("rect", { x: x - 4.6, y: y - 4.6, width: 9.2, height: 9.2, ...attributes });
    return h("polygon", { points: `${x},${y - 6} ${x + 5.6},${y + 4.6} ${x - 5.6},${y + 4.6}`, ...attributes });
  };
  const name = (family) => NAMES[family] || family;

  // A part that draws itself into `element`; `draw` is called again when the language changes.
  const tradeOff = () => {
    const element = h("div", { class: "xmr-curve-part" });
    let chosen = "";
    let bits = 0;

    const draw = () => {
      const all = measures();
      if (!all.length) {
        element.replaceChildren(h("p", { class: "xmr-facts" }, t("curve_none")));
        return;
      }
      const measure = all.find((one) => one.key === chosen) || all[0];
      const lines = families(measure);
      const stops = [...new Set(lines.flatMap(([, points]) => points.map((point) => point.bits)))].sort((one, other) => one - other);
      if (!stops.includes(bits)) bits = stops.includes(64) ? 64 : stops[stops.length - 1];
      const trunks = new Set(lines.flatMap(([, points]) => points.map((point) => point.method.trunk)));
      const levels = XMR.offered().filter((method) => !method.bits && trunks.has(method.id) && measure.of(method) !== null);
      const top = Math.max(10, ...lines.flatMap(([, points]) => points.map((point) => point.value)), ...levels.map(measure.of));
      const step = top > 50 ? 20 : top > 20 ? 10 : 5;
      const ceiling = Math.ceil((1.06 * top) / step) * step;
      const low = Math.log2(stops[0]), span = Math.max(1, Math.log2(stops[stops.length - 1]) - low);
      const x = (value) => LEFT + 22 + ((WIDTH - LEFT - RIGHT - 44) * (Math.log2(value) - low)) / span;
      const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / ceiling);

      const ticks = Array.from({ length: Math.round(ceiling / step) + 1 }, (_, i) => i * step);
      const text = (attributes, ...words) => h("text", attributes, ...words);
      const playhead = h("line", { class: "xmr-playhead", x1: x(bits), x2: x(bits), y1: TOP, y2: HEIGHT - BOTTOM });
      const picture = h("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "xmr-plot", role: "img", "aria-label": t("curve_label", { measure: measure.label }) },
        ticks.map((tick) => [
          h("line", { class: "xmr-rule", x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick) }),
          text({ class: "xmr-axis", x: LEFT - 8, y: y(tick) + 4, "text-anchor": "end" }, tick),
        ]),
        stops.map((stop) => [
          text({ class: "xmr-axis", x: x(stop), y: HEIGHT - BOTTOM + 21, "text-anchor": "middle" }, t("mark_bits", { bits: stop })),
          text({ class: "xmr-axis", x: x(stop), y: HEIGHT - BOTTOM + 43, "text-anchor": "middle" }, XMR.bytes(stop / 8)),
        ]),
        levels.map((method) => [
          h("line", { class: "xmr-level", x1: LEFT, x2: WIDTH - RIGHT, y1: y(measure.of(method)), y2: y(measure.of(method)) }),
          text({ class: "xmr-level-name", x: LEFT + 6, y: y(measure.of(method)) - 6 }, `${method.id}, ${XMR.bytes(method.bytes)}`),
        ]),
        playhead,
        lines.map(([family, points], i) => [
          h("polyline", { class: "xmr-line-of", "data-family": i, points: points.map((point) => `${x(point.bits)},${y(point.value)}`).join(" ") }),
          points.map((point) => markAt(MARKS[i % MARKS.length], x(point.bits), y(point.value), { class: `xmr-point${point.bits === bits ? " on" : ""}`, "data-family": i })),
        ]));

      const slider = h("input", {
        id: "xmr-bits", type: "range", min: 0, max: stops.length - 1, step: 1, value: stops.indexOf(bits),
        "aria-valuetext": t("bits_bytes", { bits, bytes: XMR.bytes(bits / 8) }),
        oninput: () => { bits = stops[Number(slider.value)]; draw(); element.querySelector("#xmr-bits").focus(); },
      });
      const select = h("select", { id: "xmr-measure", onchange: () => { chosen = select.value; draw(); element.querySelector("#xmr-measure").focus(); } },
        all.map((one) => h("option", { value: one.key, ...(one === measure ? { selected: true } : {}) }, one.label)));
      const said = lines.map(([family, points], i) => {
        const point = points.find((one) => one.bits === bits);
        const level = levels.find((method) => method.id === (point && point.method.trunk));
        const share = point && level && measure.of(level) > 0 && t("curve_share", {
          share: Math.round((100 * point.value) / measure.of(level)), method: level.id, times: Math.round((level.bytes * 8) / bits),
        });
        return h("li", null,
          h("svg", { viewBox: "0 0 14 14", class: "xmr-key", "aria-hidden": "true" }, markAt(MARKS[i % MARKS.length], 7, 7, { class: "xmr-point", "data-family": i })),
          h("b", null, name(family)),
          h("span", { class: "xmr-curve-value" }, point ? `${point.value.toFixed(1)} %` : t("not_measured")),
          share && h("small", null, share));
      });
      element.replaceChildren(
        h("div", { class: "xmr-curve-controls" },
          h("label", { for: "xmr-measure" }, t("curve_measure")), select),
        h("div", { class: "xmr-curve-body" },
          picture,
          h("div", { class: "xmr-curve-said" },
            h("label", { for: "xmr-bits" }, t("bits_slider")),
            h("p", { class: "xmr-curve-size", "aria-live": "polite" }, h("b", null, t("mark_bits", { bits })), h("span", null, t("bytes_per_clip", { bytes: XMR.bytes(bits / 8) }))),
            slider,
            h("ul", null, said),
            h("p", { class: "xmr-facts" }, t("curve_million", { bytes: XMR.bytes((bits / 8) * 1e6) })))));
    };
    draw();
    on("language", "curve", draw);
    on("gallery", "curve", draw);
    return { element, draw };
  };

  Object.assign(XMR, { tradeOff });
})();

// Filters: folder, category, length, date, duplicates. Only those that part the chosen gallery are
// offered. They hold for every question, stand in the address, and each can be taken off alone.
(() => {
  const XMR = window.XMR;
  const { asked, state, h, icon, t, emit } = XMR;
  const NAMES = ["folder", "category", "longer", "shorter", "since", "until", "duplicates"];

  // Keeps the filters that say something, in a fixed order.
  const setFilters = (next) => {
    state.where = {};
    const shown = {};
    for (const name of NAMES) {
      const value = next[name];
      if (value === undefined || value === null || value === "" || value === false) { shown[name] = ""; continue; }
      state.where[name] = value === true || value === "1" ? "1" : String(value).slice(0, 500);
      shown[name] = state.where[name];
    }
    XMR.address(shown);
    emit("filters");
  };
  const first = {};
  for (const name of NAMES) if (asked.get(name)) first[name] = asked.get(name);
  state.where = first;

  const offers = () => {
    const { folders, categories, lengths, dates, duplicates } = XMR.gallery().filters;
    return { folder: folders.length > 0, category: categories.length > 0, length: Boolean(lengths), date: Boolean(dates), duplicates: duplicates > 0 };
  };
  const said = (name, value) => ({
    folder: value, category: value, longer: t("filter_at_least", { value }), shorter: t("filter_at_most", { value }),
    since: t("filter_from", { value }), until: t("filter_to", { value }), duplicates: t("filter_duplicates"),
  })[name];

  // A button that opens the panel; `changed` is called when a visitor has changed a filter.
  const filters = (place, changed) => {
    const id = `xmr-filters-${place}`;
    let open = false;
    let isOwn = false;
    const button = h("button", { type: "button", class: "xmr-filter-button", "aria-controls": id, onclick: () => { open = !open; mark(); if (open) sheet.querySelector("select, input").focus(); } });
    const sheet = h("div", { class: "xmr-filter-sheet", id, role: "group" });
    const chips = h("div", { class: "xmr-filter-chips" });
    const panel = h("div", { class: "xmr-filters" }, sheet, chips);
    const element = h("div", { class: "xmr-filter-place" }, button);

    // The fields here show the new value already, and somebody may be about to change the next.
    const set = (name, value) => {
      isOwn = true;
      setFilters({ ...state.where, [name]: value });
      isOwn = false;
      mark();
      changed();
    };
    const select = (name, values) => {
      const now = state.where[name] || "";
      const known = values.some(([value]) => value === now) || !now ? values : [[now, 0], ...values];
      return field(name, h("select", { id: `${id}-${name}`, onchange: (event) => set(name, event.target.value) },
        h("option", { value: "" }, t("filter_any")),
        known.map(([value, count]) => h("option", { value, ...(value === now ? { selected: true } : {}) }, `${value}  (${XMR.count(count)})`))));
    };
    const field = (name, control) => h("div", { class: "xmr-filter-field" }, h("label", { for: `${id}-${name}` }, t(`filter_${name}`)), control);
    const range = (name, low, high, attributes) => h("fieldset", { class: "xmr-filter-field" }, h("legend", null, t(`filter_${name}`)),
      h("div", { class: "xmr-filter-range" }, [low, high].map((one, i) => [
        i > 0 && h("span", { "aria-hidden": "true" }, "–"),
        h("input", { ...attributes, id: `${id}-${one}`, "aria-label": t(`filter_${one}`), value: state.where[one] || "", onchange: (event) => set(one, event.target.value) }),
      ])));

    const draw = () => {
      if (isOwn) return;
      const { folders, categories, lengths, dates, duplicates } = XMR.gallery().filters;
      const offered = offers();
      const focus = sheet.contains(document.activeElement) ? document.activeElement.id : "";
      element.hidden = !Object.values(offered).some(Boolean);
      if (element.hidden) open = false;
      sheet.setAttribute("aria-label", t("filters"));
      sheet.replaceChildren(...[
        offered.folder && select("folder", folders),
        offered.category && select("category", categories),
        offered.length && range("length", "longer", "shorter", { type: "number", inputmode: "decimal", min: 0, step: "any", placeholder: "" }),
        offered.date && range("date", "since", "until", { type: "date", min: dates[0], max: dates[1] }),
        offered.duplicates && h("label", { class: "xmr-filter-check" },
          h("input", { type: "checkbox", id: `${id}-duplicates`, ...(state.where.duplicates ? { checked: true } : {}), onchange: (event) => set("duplicates", event.target.checked) }),
          h("span", null, t("filter_duplicates"), h("small", null, t("filter_duplicates_hint", { count: XMR.count(duplicates) })))),
        h("button", { type: "button", class: "xmr-quiet xmr-filter-clear", onclick: () => { setFilters({}); changed(); } }, icon("close"), h("span", null, t("filter_clear"))),
      ].filter(Boolean));
      if (offered.length) for (const [one, place] of [["longer", 0], ["shorter", 1]]) sheet.querySelector(`#${id}-${one}`).placeholder = lengths[place];
      mark();
      const again = focus && document.getElementById(focus);
      if (again) again.focus();
    };
    const mark = () => {
      const used = Object.entries(state.where);
      sheet.hidden = !open;
      button.setAttribute("aria-expanded", String(open));
      button.setAttribute("aria-label", used.length ? t("filters_on", { count: used.length }) : t("filters"));
      button.replaceChildren(...[icon("sliders"), h("span", null, t("filters")), used.length > 0 && h("span", { class: "xmr-filter-count" }, used.length)].filter(Boolean));
      sheet.querySelector(".xmr-filter-clear").disabled = !used.length;
      chips.replaceChildren(...used.map(([name, value]) => h("button", {
        type: "button", class: "xmr-filter-chip", "data-filter": name, title: t("filter_remove", { filter: said(name, value) }), "aria-label": t("filter_remove", { filter: said(name, value) }),
        onclick: () => { setFilters({ ...state.where, [name]: "" }); changed(); button.focus(); },
      }, h("span", null, said(name, value)), icon("close"))));
      chips.hidden = !used.length;
    };
    return { element, panel, draw };
  };

  Object.assign(XMR, { filters, setFilters });
})();

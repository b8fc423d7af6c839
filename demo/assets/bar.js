// The query: one sentence for all views, examples to start from, and the method that is searched
// with. What sending it does depends on the view: search, compare all methods, or time them.
window.XMR.bar = ({ element, trigger }) => {
  const XMR = window.XMR;
  const { facts, asked, state, h, icon, t, on, begin, stop, show, view, language, languageOf } = XMR;
  const root = element.querySelector(".xmr-bar");
  let touched = Boolean(asked.get("q"));
  let problem = "";
  let searched = ""; // gallery, method, query and filters that the matches on the page belong to

  const input = h("input", {
    id: "xmr-query", type: "search", enterkeyhint: "search", autocomplete: "off", spellcheck: "false",
    maxlength: facts.limit, "aria-describedby": "xmr-problem",
    oninput: () => { touched = true; if (problem) tell(""); },
  });
  // Without a query the server answers the first example; it stands here while one waits.
  input.value = state.query;
  const note = h("p", { id: "xmr-problem", class: "xmr-problem", role: "alert" });
  const go = h("button", { type: "submit", class: "xmr-go" });
  const wanted = () => JSON.stringify([state.gallery, state.method, state.query, state.where]);

  const tell = (key, values) => {
    problem = key;
    note.textContent = key ? t(key, values) : "";
    input.toggleAttribute("aria-invalid", key === "empty_query");
  };
  const search = (picked = "") => {
    searched = wanted();
    const question = XMR.question({ query: state.query, picked, ticket: begin("search") });
    XMR.lastly("search", () => trigger("ask", question));
  };
  // Takes a sentence for `place`, the view that answers it.
  const ask = (query, place = "search") => {
    touched = true;
    input.value = query;
    input.lang = languageOf(query);
    if (!query.trim()) {
      tell("empty_query");
      input.focus();
      return;
    }
    tell("");
    state.query = query.trim();
    if (view() !== place) show(place);
    if (place === "search") search();
    else XMR.emit("query", place);
  };
  const send = (query) => ask(query, view() === "clip" ? "search" : view());

  const picker = XMR.picker("bar", (method) => {
    state.method = method;
    if (input.value.trim()) ask(input.value);
  });
  // Filters hold for every question to come, so whatever is on the page is asked again.
  const filters = XMR.filters("bar", () => { if (input.value.trim()) ask(input.value, view()); });
  const chip = (query) =>
    h("button", { type: "button", class: "xmr-chip", lang: languageOf(query), onclick: () => send(query) }, query);

  const label = () => { go.textContent = t({ compare: "go_compare", metrics: "go_measure" }[view()] || "go"); };
  const render = () => {
    input.placeholder = t("placeholder");
    label();
    picker.draw();
    filters.draw();
    root.replaceChildren(
      h("form", { role: "search", onsubmit: (event) => { event.preventDefault(); send(input.value); } },
        h("label", { for: "xmr-query", class: "xmr-hidden" }, t("query")),
        h("div", { class: "xmr-box" }, icon("search"), input),
        go),
      note,
      h("div", { class: "xmr-under" },
        h("div", { class: "xmr-chips", role: "group", "aria-label": t("examples") },
          h("span", { "aria-hidden": "true" }, t("examples")), XMR.examples().map(chip)),
        h("div", { class: "xmr-choices" }, filters.element, picker.element)),
      filters.panel,
    );
    if (problem) tell(problem);
  };

  on("language", "bar", render);
  on("ask", "bar", ask);
  on("method", "bar", () => picker.draw());
  on("filters", "bar", () => filters.draw());
  on("galleries", "bar", () => filters.draw());
  // Another gallery is searched for the same sentence, unless nobody has asked one yet.
  on("gallery_open", "bar", () => {
    if (!touched) state.query = XMR.examples()[0];
    input.value = state.query;
    input.lang = languageOf(state.query);
    tell("");
    render();
    if (view() === "search") search();
    else stop("search", "cancelled");
    if (view() === "compare" || view() === "metrics") XMR.emit("query", view());
  });
  // A clip of a comparison is to be explained: as a match of its query.
  on("explain", "bar", (query, id) => {
    state.query = query;
    input.value = query;
    const isListed = searched === wanted();
    if (!isListed) search(id);
    show("search");
    if (isListed) XMR.emit("select", id);
  });
  on("cancel", "bar", (area) => { if (area === "search") { stop("search", "cancelled"); trigger("cancel", {}); } });
  on("again", "bar", (area) => { if (area === "search") ask(input.value || XMR.examples()[0]); });
  on("view", "bar", (next) => {
    label();
    // Asked in another view meanwhile: the matches follow.
    if (next === "search" && searched && searched !== wanted()) search();
  });
  on("answered", "bar", (answer) => {
    if (answer.ticket === 0) {
      // The page's first answer; Compare may have been asked something else before it came.
      searched = JSON.stringify([state.gallery, state.method, answer.query, state.where]);
      if (touched) return;
      state.query = answer.query;
      input.value = answer.query;
    }
  });
  render();
};

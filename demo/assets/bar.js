// The query: a sentence, examples to start from, and the method as pills.
window.XMR.bar = ({ element, trigger }) => {
  const { facts, asked, state, h, icon, t, on, begin, stop, show, language, languageOf } = window.XMR;
  const root = element.querySelector(".xmr-bar");
  let touched = Boolean(asked.get("q"));
  let problem = "";

  const input = h("input", {
    id: "xmr-query", type: "search", enterkeyhint: "search", autocomplete: "off", spellcheck: "false",
    maxlength: facts.limit, "aria-describedby": "xmr-problem",
    oninput: () => { touched = true; if (problem) tell(""); },
  });
  // Without a query the server answers the first example; it stands here while one waits.
  input.value = asked.get("q") || facts.examples[language()][0];
  const note = h("p", { id: "xmr-problem", class: "xmr-problem", role: "alert" });

  const tell = (key, values) => {
    problem = key;
    note.textContent = key ? t(key, values) : "";
    input.toggleAttribute("aria-invalid", key === "empty_query");
  };
  const ask = (query) => {
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
    show("search");
    trigger("ask", { query: state.query, method: state.method, ticket: begin("search") });
  };

  const chip = (query) =>
    h("button", { type: "button", class: "xmr-chip", lang: languageOf(query), onclick: () => ask(query) }, query);
  const pill = (method) =>
    h("label", { class: "xmr-pill" },
      h("input", {
        type: "radio", name: "xmr-method", value: method, ...(method === state.method ? { checked: true } : {}),
        onchange: () => { state.method = method; if (input.value.trim()) ask(input.value); },
      }),
      h("span", null, method));

  const render = () => {
    const other = language() === "zh" ? "en" : "zh";
    const queries = [...facts.examples[language()], ...facts.examples[other]];
    input.placeholder = t("placeholder");
    root.replaceChildren(
      h("form", { role: "search", onsubmit: (event) => { event.preventDefault(); ask(input.value); } },
        h("label", { for: "xmr-query", class: "xmr-hidden" }, t("query")),
        h("div", { class: "xmr-box" }, icon("search"), input),
        h("button", { type: "submit", class: "xmr-go" }, t("go"))),
      note,
      h("div", { class: "xmr-under" },
        h("div", { class: "xmr-chips", role: "group", "aria-label": t("examples") },
          h("span", { "aria-hidden": "true" }, t("examples")), queries.map(chip)),
        h("fieldset", { class: "xmr-pills" }, h("legend", null, t("method")), facts.methods.map(pill))),
    );
    if (problem) tell(problem);
  };

  on("language", "bar", render);
  on("ask", "bar", ask);
  on("cancel", "bar", (area) => { if (area === "search") { stop("search", "cancelled"); trigger("cancel", {}); } });
  on("again", "bar", (area) => { if (area === "search") ask(input.value || facts.examples[language()][0]); });
  on("answered", "bar", (answer) => {
    state.query = answer.query;
    if (!touched) input.value = answer.query;
  });
  render();
};

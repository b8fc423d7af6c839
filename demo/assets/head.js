// The head of the page: name, views, language and colours.
window.XMR.head = ({ element }) => {
  const { facts, VIEWS, view: current, h, icon, t, on, show, setLanguage, language, address } = window.XMR;
  const root = element.querySelector(".xmr-head");
  const ICONS = { search: "search", clip: "film", compare: "columns", metrics: "chart", own: "shelves" };

  // A colour choice outlives the visit; storage can be forbidden, then it does not.
  const remember = (value) => { try { localStorage.setItem("xmr-dark", value); } catch { /* forbidden */ } };
  const recall = () => { try { return localStorage.getItem("xmr-dark"); } catch { return null; } };
  const isDark = () => document.body.classList.contains("dark");
  const setDark = (dark) => {
    document.body.classList.toggle("dark", dark);
    const button = root.querySelector("[data-dark]");
    if (button) button.setAttribute("aria-pressed", String(dark));
  };
  if (recall() !== null) setDark(recall() === "true");

  const choice = window.XMR.galleryChoice();

  const tab = (view) => {
    const isOn = current() === view;
    return h(
      "button",
      {
        type: "button", role: "tab", id: `xmr-tab-${view}`, "aria-selected": String(isOn),
        "aria-controls": `view-${view}`, tabindex: isOn ? 0 : -1, onclick: () => show(view),
      },
      icon(ICONS[view]), h("span", null, t(`view_${view}`)),
    );
  };

  const render = () => {
    const other = language() === "zh" ? "en" : "zh";
    if (choice) choice.draw();
    root.replaceChildren(
      h("img", { class: "xmr-logo", src: `data:image/svg+xml,${encodeURIComponent(facts.logo)}`, alt: "", width: 38, height: 38 }),
      h("div", { class: "xmr-name" }, h("h1", null, t("title")), h("p", null, t("subtitle"))),
      h("div", { class: "xmr-tabs", role: "tablist", "aria-label": t("views"), onkeydown: step }, VIEWS.map(tab)),
      h("div", { class: "xmr-right" }, choice && choice.element, h("div", { class: "xmr-prefs" },
        h("button", {
          type: "button", class: "xmr-round", "data-language": other, lang: other === "zh" ? "zh-CN" : "en",
          onclick: () => { address({ l: other }); setLanguage(other); root.querySelector("[data-language]").focus(); },
        }, t("other_language")),
        h("button", {
          type: "button", class: "xmr-round", "data-dark": true, "aria-label": t("dark"), title: t("dark"),
          "aria-pressed": String(isDark()), onclick: () => { setDark(!isDark()); remember(isDark()); },
        }, icon("moon")))),
    );
  };

  const step = (event) => {
    const now = VIEWS.indexOf(current());
    const places = { ArrowRight: now + 1, ArrowLeft: now - 1 + VIEWS.length, Home: 0, End: VIEWS.length - 1 };
    if (!(event.key in places)) return;
    const next = VIEWS[places[event.key] % VIEWS.length];
    show(next);
    document.getElementById(`xmr-tab-${next}`).focus();
    event.preventDefault();
  };

  // The columns are Gradio's; here they become the tabs' panels.
  const mark = () => {
    for (const view of VIEWS) {
      const column = document.getElementById(`view-${view}`);
      if (!column) continue;
      column.setAttribute("role", "tabpanel");
      column.setAttribute("aria-labelledby", `xmr-tab-${view}`);
    }
  };

  on("language", "head", render);
  on("view", "head", () => { render(); mark(); });
  setLanguage(language());
  setTimeout(mark, 0);
};

// People's own videos: the operator's folders with their progress, and what the visitor brings.
// A finished gallery joins the choice of galleries; searching it is the page's usual search.
window.XMR.own = ({ element, props, trigger, watch }) => {
  const XMR = window.XMR;
  const { facts, h, icon, t, on, announce, show } = XMR;
  const root = element.querySelector(".xmr-own");
  const AGAIN_MS = 1000;
  let shown = null;
  let timer = 0;
  let number = 0;
  let token = ""; // of the visitor's private gallery

  const isBusy = (one) => Boolean(one) && ["waiting", "running", "stopping"].includes(one.stage);
  // The number makes every answer another one: an equal value would not be told.
  const send = (event, fields = {}) => trigger(event, { ...fields, ticket: (number += 1) });
  const look = () => {
    clearTimeout(timer);
    timer = setTimeout(() => send("look"), AGAIN_MS);
  };
  const search = (id) => {
    XMR.chooseGallery(id);
    show("search");
  };

  const sentence = (one) => {
    const step = `own_${one.step}`;
    if (one.stage === "running" && one.total && facts.words.en[step]) return t(step, { done: one.done, total: one.total });
    if (one.stage === "failed") return t("own_failed", { problem: one.problem[XMR.language()] });
    return one.stage === "idle" ? "" : t(`own_${one.stage}`);
  };
  const progress = (one, name) => isBusy(one) && h("div", { class: "xmr-progress" },
    h("div", null, h("p", { role: "status" }, sentence(one)),
      one.stage !== "stopping" && h("button", { type: "button", class: "xmr-quiet", onclick: () => send("stop", { name }) }, t("cancel"))),
    h("progress", { max: Math.max(1, one.total), ...(one.total ? { value: one.done } : {}), "aria-label": sentence(one) }));
  const ended = (one) => !isBusy(one) && sentence(one) && h("p", { class: "xmr-facts", "data-stage": one.stage }, sentence(one));

  const folderOf = (one) => h("section", { class: "xmr-own-card", "data-folder": one.name, "data-stage": one.stage },
    h("h3", null, icon("shelves"), h("span", null, one.name)),
    h("p", null, one.size ? t("own_size", { count: XMR.count(one.size) }) : t("own_none"), one.bad > 0 && ` · ${t("own_bad", { count: one.bad })}`),
    progress(one, one.name),
    isBusy(one) && one.size > 0 && h("p", { class: "xmr-facts" }, t("own_meanwhile")),
    ended(one),
    !isBusy(one) && "added" in one.changes && h("p", { class: "xmr-facts" }, t("own_changes", one.changes), one.changes.duplicates > 0 && ` · ${t("own_duplicates", { count: one.changes.duplicates })}`),
    h("div", { class: "xmr-own-actions" },
      one.size > 0 && h("button", { type: "button", class: "xmr-go", onclick: () => search(one.name) }, t("own_search")),
      h("button", { type: "button", class: "xmr-quiet", title: t("own_update_tip"), disabled: isBusy(one), onclick: () => send("update", { name: one.name }) }, icon("turn"), h("span", null, t("own_update")))));

  const visitOf = (visit, limits) => h("section", { class: "xmr-own-card xmr-own-visit", "data-stage": visit ? visit.stage : "idle" },
    h("p", { class: "xmr-facts" }, t("own_private", limits)),
    visit && h("p", null, visit.size ? t("own_size", { count: XMR.count(visit.size) }) : t("own_none")),
    visit && progress(visit, ""),
    visit && ended(visit),
    visit && visit.refused.length > 0 && h("ul", { class: "xmr-own-refused" }, visit.refused.map((one) => h("li", null, t("own_refused", { name: one.name, reason: one.reason[XMR.language()] })))),
    visit && h("div", { class: "xmr-own-actions" },
      visit.size > 0 && h("button", { type: "button", class: "xmr-go", onclick: () => search(visit.token) }, t("own_search")),
      h("button", { type: "button", class: "xmr-quiet", onclick: () => send("remove") }, icon("close"), h("span", null, t("own_remove")))));

  const draw = () => {
    if (!shown) return;
    const { folders, visit, limits } = shown;
    const drop = document.getElementById("own-upload");
    if (drop) {
      drop.style.setProperty("--xmr-drop", JSON.stringify(t("own_drop")));
      drop.style.setProperty("--xmr-drop-hint", JSON.stringify(t("own_drop_hint", limits)));
    }
    const focus = root.contains(document.activeElement) ? [...root.querySelectorAll("button")].indexOf(document.activeElement) : -1;
    root.replaceChildren(
      visitOf(visit, limits),
      ...(folders.length ? [h("h2", null, t("own_folders")), ...folders.map(folderOf)] : []));
    root.dataset.state = folders.some(isBusy) || isBusy(visit) ? "busy" : "done";
    const again = focus >= 0 && root.querySelectorAll("button")[focus];
    if (again) again.focus();
  };

  const receive = () => {
    const answer = XMR.answerOf(props);
    if (!answer || !answer.limits) return;
    const was = shown;
    shown = answer;
    const before = token;
    token = answer.visit && answer.visit.size ? answer.visit.token : "";
    XMR.setOwnGalleries(answer.galleries, before && !token ? before : "");
    if (was && was.visit && !answer.visit) announce(t("own_removed"));
    if (was && isBusy(was.visit) && answer.visit && answer.visit.stage === "done") announce(t("own_size", { count: answer.visit.size }));
    draw();
    // Somebody looks, or something is going on that this page waits for.
    if (root.dataset.state === "busy") look();
  };

  on("language", "own", draw);
  on("view", "own", (view) => { if (view === "own") send("look"); });
  on("stopped", "own", (area) => { if (area === "own") { draw(); if (root.dataset.state === "busy") look(); } });
  watch("value", receive);
  receive();
};

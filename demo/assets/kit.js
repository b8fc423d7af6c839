// What the parts of the page share: sentences, elements, numbers, the address and the requests.
// Every part is a function window.XMR.<name>(gradio, area) that draws into its own root from its
// component's value. Text always becomes a text node, so nothing a visitor or a caption says can
// turn into markup.
window.XMR = window.XMR || (() => {
  const facts = window.XMR_FACTS;
  const asked = new URLSearchParams(location.search);
  const SVG = "http://www.w3.org/2000/svg";
  const SHAPES = new Set(["svg", "path", "line", "polyline", "polygon", "rect", "circle", "text"]);

  // h("a", {href, onclick, style: {"--x": 1}}, ...children) makes an element.
  const h = (tag, attributes, ...children) => {
    const made = SHAPES.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name === "style") {
        for (const [property, v] of Object.entries(value)) made.style.setProperty(property, v);
      } else if (name.startsWith("on")) {
        made.addEventListener(name.slice(2), value);
      } else {
        made.setAttribute(name, value === true ? "" : value);
      }
    }
    for (const child of children.flat(9)) {
      if (child !== null && child !== undefined && child !== false) made.append(child);
    }
    return made;
  };

  const PATHS = {
    search: "M10.5 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zM15.500 15.500 20 20",
    similar: "M8 4h11a1 1 0 0 1 1 1v11M5 8h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1z",
    out: "M14 4h6v6M20 4l-9 9M18 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h5",
    link: "M10 14a4 4 0 0 0 5.700 0l3-3a4 4 0 0 0-5.700-5.700l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3a4 4 0 0 0 5.700 5.700l1-1",
    down: "M12 4v11M7 11l5 5 5-5M5 20h14",
    close: "M6 6l12 12M18 6 6 18",
    moon: "M20 14.500A8 8 0 0 1 9.500 4a8 8 0 1 0 10.500 10.500z",
    dice: "M5 4h14a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM8.500 8.500h.01M15.500 15.500h.01M12 12h.01",
    turn: "M20 11a8 8 0 1 0-2.300 6.300M20 5v6h-6",
    film: "M4 5h16v14H4zM8 5v14M16 5v14M4 10h4M4 14h4M16 10h4M16 14h4",
    columns: "M4 5h4v14H4zM10 5h4v14h-4zM16 5h4v14h-4z",
    chart: "M4 20V10M10 20V4M16 20v-7M21 20H3",
    chevron: "M7 10l5 5 5-5",
    check: "M5 12.500l4.500 4.500L19 7.500",
    pin: "M9 4h6l-1 6 3 3H7l3-3zM12 13v7",
    play: "M8 5.500v13l11-6.500z",
    shelves: "M4 5h5v14H4zM9 5h5v14H9zM14.500 6l4.800-1 2.200 13-4.800 1z",
    sliders: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.500v5M9 14.500v5",
    info: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 11v5M12 8h.01",
  };
  const icon = (name) => h(
    "svg",
    { viewBox: "0 0 24 24", class: "xmr-icon", "aria-hidden": "true" },
    h("path", { d: PATHS[name] }),
  );

  // Sentences. t("matches", {count: 10}) in the language of the interface.
  const chosen = (asked.get("l") || navigator.language || "en").toLowerCase();
  let language = chosen.startsWith("zh") ? "zh" : "en";
  const t = (key, values) =>
    facts.words[language][key].replace(/\{(\w+)\}/g, (all, name) => (values && name in values ? values[name] : all));
  const setLanguage = (next) => {
    language = next;
    document.documentElement.lang = next === "zh" ? "zh-CN" : "en";
    document.title = t("title");
    emit("language");
  };

  // Messages between parts. A part that is mounted again replaces its old listener.
  const listeners = new Map();
  const on = (event, owner, listener) => {
    if (!listeners.has(event)) listeners.set(event, new Map());
    listeners.get(event).set(owner, listener);
  };
  const emit = (event, ...values) => {
    for (const listener of (listeners.get(event) || new Map()).values()) listener(...values);
  };

  // Requests. Each has a number in its area; an answer with an old number came too late and is
  // not shown. `begin` makes the area's parts show that they wait.
  const tickets = { search: 0, why: 0, clip: 0, compare: 0, inspect: 0, pairs: 0, metrics: 0, own: 0 };
  const waiting = { search: true };
  const begin = (area) => {
    tickets[area] += 1;
    waiting[area] = true;
    emit("busy", area);
    return tickets[area];
  };
  const isCurrent = (area, answer) => {
    if (answer) landed(area);
    return Boolean(answer) && answer.ticket === tickets[area];
  };
  // One request of an area at a time: of those made meanwhile the last one follows, and the others
  // are never sent. An answer that got lost holds nobody up for long.
  const PATIENCE_MS = 15000;
  const flying = {};
  const following = {};
  const lastly = (area, send) => {
    if (flying[area] && Date.now() - flying[area] < PATIENCE_MS) {
      following[area] = send;
      return;
    }
    flying[area] = Date.now();
    send();
  };
  const landed = (area) => {
    const next = following[area];
    flying[area] = 0;
    following[area] = null;
    if (next) lastly(area, next);
    return Boolean(next);
  };
  // Before the first answer Gradio gives "".
  const answerOf = (props) => (typeof props.value === "object" ? props.value : null);
  const done = (area) => { waiting[area] = false; };
  const stop = (area, reason) => {
    if (!waiting[area]) return;
    waiting[area] = false;
    flying[area] = 0;
    following[area] = null;
    tickets[area] += 1;
    emit("stopped", area, reason);
  };

  // The address reproduces the view: tab, g gallery, q query, m method, v selected clip, c clip
  // searched by, r reference of a comparison, l language, and each filter by its own name.
  const address = (changes) => {
    const url = new URL(location.href);
    for (const [name, value] of Object.entries(changes)) {
      if (value) url.searchParams.set(name, value);
      else url.searchParams.delete(name);
    }
    history.replaceState(history.state, "", url);
  };
  const methods = new Map(facts.methods.map((method) => [method.id, method]));
  const galleries = new Map(facts.galleries.map((one) => [one.id, one]));
  const state = {
    gallery: galleries.has(asked.get("g")) ? asked.get("g") : facts.galleries[0].id,
    method: "",
    query: asked.get("q") || "",
    where: {}, // filters that are in use, by name
  };
  const gallery = () => galleries.get(state.gallery);
  // A private gallery's id is its key, which stands nowhere on the page.
  const galleryName = (one) => (one.private ? t("own_gallery") : one.id);
  // Own galleries come, change and go while the page is open; a link may name one before it is known.
  let awaited = galleries.has(asked.get("g")) ? "" : asked.get("g");
  const setOwnGalleries = (list, gone) => {
    for (const one of list) {
      const place = facts.galleries.findIndex((other) => other.id === one.id);
      if (place < 0) facts.galleries.push(one);
      else facts.galleries[place] = one;
      galleries.set(one.id, one);
    }
    const place = facts.galleries.findIndex((one) => one.id === gone);
    if (place >= 0) {
      if (state.gallery === gone) window.XMR.chooseGallery(facts.galleries[0].id);
      facts.galleries.splice(place, 1);
      galleries.delete(gone);
    }
    emit("galleries");
    const name = awaited;
    awaited = ""; // whoever opened the page before it was there has gone on by now
    if (galleries.has(name)) window.XMR.chooseGallery(name);
  };
  // The methods that can search the chosen gallery.
  const offered = () => gallery().methods.map((id) => methods.get(id));
  state.method = gallery().methods.includes(asked.get("m")) ? asked.get("m") : gallery().methods[0];
  // Sentences to start from, those in the language of the page first.
  const examples = () => {
    const { en, zh } = gallery().examples;
    return language === "zh" ? [...zh, ...en] : [...en, ...zh];
  };
  state.query = state.query || examples()[0];
  // What every request carries; `fields` are those of its own.
  const question = (fields) => ({ gallery: state.gallery, method: state.method, where: state.where, ...fields });
  const asText = (fields) => JSON.stringify(question(fields));
  const VIEWS = ["search", "clip", "compare", "metrics", ...(facts.own ? ["own"] : [])];
  const view = () => document.documentElement.dataset.xmrView;
  const show = (next) => {
    document.documentElement.dataset.xmrView = next;
    address({ tab: next === "search" ? "" : next });
    emit("view", next);
  };
  document.documentElement.dataset.xmrView = VIEWS.includes(asked.get("tab")) ? asked.get("tab") : asked.get("c") ? "clip" : "search";

  const clock = (seconds) => {
    const whole = Math.floor(seconds + 1e-6);
    const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    return `${hours ? `${hours}:${String(minutes).padStart(2, "0")}` : minutes}:${String(rest).padStart(2, "0")}`;
  };
  const moment = (seconds) => (seconds < 60 ? `${seconds.toFixed(1)} s` : clock(seconds));
  const score = (value) => value.toFixed(3).replace("-", "−");
  const signed = (value) => {
    const size = Math.abs(value).toFixed(3);
    return (Number(size) === 0 ? "±" : value < 0 ? "−" : "+") + size;
  };
  const sigma = (value) =>
    t(value < 0 ? "sigma_below" : "sigma", { sigma: (value < 0 ? "" : "+") + Math.abs(value).toFixed(1) });
  const duration = (milliseconds) => (milliseconds < 1000 ? `${Math.max(1, Math.round(milliseconds))} ms` : `${(milliseconds / 1000).toFixed(1)} s`);
  // A number of a card; one that is missing was not measured, which is not the same as 0.
  const measured = (value, digits = 1) => (typeof value === "number" ? value.toFixed(digits) : null);
  const bytes = (value) => {
    if (value < 10000) return `${count(value)} B`;
    const [size, unit] = value < 1e6 ? [value / 1e3, "kB"] : value < 1e9 ? [value / 1e6, "MB"] : [value / 1e9, "GB"];
    return `${size < 9.95 ? size.toFixed(1) : Math.round(size)} ${unit}`;
  };
  const count = (value) => value.toLocaleString("en-US");

  // Tells screen readers; the pause makes a repeated sentence heard again.
  const announce = (sentence) => {
    let region = document.getElementById("xmr-live");
    if (!region) {
      region = h("div", { id: "xmr-live", role: "status", "aria-live": "polite", class: "xmr-hidden" });
      document.querySelector(".gradio-container").append(region);
    }
    region.textContent = "";
    setTimeout(() => { region.textContent = sentence; }, 60);
  };
  const save = (name, type, text) => {
    const link = h("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  // Puts a link to this view on the clipboard; `query` may not be in the address yet.
  const copyLink = async (button, query) => {
    const url = new URL(location.href);
    url.searchParams.set("l", language);
    if (facts.galleries.length > 1 && !gallery().private) url.searchParams.set("g", state.gallery);
    if (query) url.searchParams.set("q", query);
    try {
      await navigator.clipboard.writeText(url.href);
    } catch {
      const box = h("textarea", { class: "xmr-hidden" }, url.href); // Without https there is no clipboard.
      document.querySelector(".gradio-container").append(box);
      box.select();
      document.execCommand("copy");
      box.remove();
    }
    button.querySelector("span").textContent = t("copied");
    announce(t("copied"));
  };
  const noteLine = (sentence) => h("p", { class: "xmr-unknown" }, icon("info"), h("span", null, sentence));
  // A model that was trained on drawn clips alone finds little among filmed ones, and should say so.
  const drawnLine = (checkpoint) => {
    const method = methods.get(checkpoint);
    return method && method.drawn && !gallery().drawn ? noteLine(t("drawn", { checkpoint })) : "";
  };
  const unknownLine = (words) => {
    if (!words.length) return "";
    const list = words.map((word) => t("quoted", { word })).join(t("and"));
    const sentence = words.length === 1 ? t("unknown", { word: words[0] }) : t("unknown_many", { words: list });
    return noteLine(sentence);
  };
  const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const isPhone = () => matchMedia("(max-width: 820px)").matches;
  const isChinese = (text) => /[\u4e00-\u9fff]/.test(text);
  const languageOf = (text) => (isChinese(text) ? "zh-CN" : "en");
  const captionOf = (card) => card.captions[language];

  return {
    facts, asked, state, methods, galleries, gallery, galleryName, setOwnGalleries, offered, examples, question, asText, VIEWS, view, h, icon, t, on, emit, begin, lastly, answerOf, isCurrent, done, stop, address,
    show, clock, moment, score, signed, sigma, measured, duration, bytes, count, announce, save, copyLink, unknownLine, drawnLine, isCalm, isPhone, languageOf, captionOf, setLanguage,
    language: () => language,
    isWaiting: (area) => Boolean(waiting[area]),
    failed: (area) => { if (!landed(area)) stop(area, "failed"); },
  };
})();

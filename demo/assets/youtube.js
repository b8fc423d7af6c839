// The field for links and ids of YouTube and of the gallery. How far a download is, the panel below
// says; why there is none, the field itself, with a way to the upload.
window.XMR.youtube = ({ element, props, trigger, watch }) => {
  const XMR = window.XMR;
  const { facts, h, t, on, emit, begin, isCurrent, stop } = XMR;
  const SETTLED_MS = 60;
  const root = element.querySelector(".xmr-youtube");
  let told = null; // the last answer that belongs to the field
  let ticket = 0; // of the last text that was sent
  let isRunning = false; // a text is being worked on
  let isDropped = false; // it is, but nobody waits for it
  let next = null; // sends another one as soon as that is over
  let timer = 0;

  const input = h("input", { id: "xmr-paste", type: "text", inputmode: "url", autocomplete: "off", autocapitalize: "off", spellcheck: "false", maxlength: 4000, "aria-describedby": "xmr-paste-hint xmr-paste-said" });
  const label = h("label", { for: "xmr-paste" });
  const go = h("button", { type: "submit", class: "xmr-quiet" });
  const hint = h("p", { id: "xmr-paste-hint" });
  const said = h("div", { id: "xmr-paste-said", role: "status" });

  const toUpload = () => {
    const drop = document.querySelector("#upload button");
    drop.scrollIntoView({ block: "center" });
    drop.focus();
  };
  const draw = () => {
    label.textContent = t("paste");
    input.placeholder = t("paste_example");
    go.textContent = t("paste_go");
    hint.textContent = facts.youtube.allowed ? t("paste_hint", { seconds: facts.youtube.max_s }) : t("paste_off");
    const hasFailed = Boolean(told) && told.stage !== "found";
    root.dataset.state = told ? told.stage : "idle";
    input.toggleAttribute("aria-invalid", hasFailed);
    said.replaceChildren(...(told ? [h("p", { class: hasFailed ? "xmr-problem" : "xmr-found" }, sentence())] : []));
    if (told && told.stage === "failed") said.append(h("button", { type: "button", class: "xmr-quiet", onclick: toUpload }, t("paste_upload")));
  };
  const sentence = () => {
    if (told.stage === "found") return t(told.is_link ? "paste_found_link" : "paste_found", { id: told.id });
    return told.stage === "empty" ? t("paste_empty") : t(`youtube_failed_${told.reason}`, told.values);
  };
  const tell = (answer) => { told = answer; draw(); };

  const send = (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) { tell({ stage: "empty" }); input.focus(); return; }
    emit("pasted");
    ticket = begin("clip"); // which drops what runs
    const mine = ticket;
    const go = () => {
      if (!isCurrent("clip", { ticket: mine })) return; // cancelled meanwhile
      isRunning = true;
      trigger("paste", XMR.question({ text, ticket: mine }));
    };
    if (!isRunning) { go(); return; }
    next = go;
  };
  // Gradio starts nothing of an event before what runs of it is over: it would forget the new one.
  const proceed = () => {
    clearTimeout(timer);
    const go = next;
    next = null;
    if (go) go();
  };
  XMR.pasteOver = () => {
    clearTimeout(timer); // Gradio tells the end of a dropped event twice.
    timer = setTimeout(() => { isRunning = isDropped = false; proceed(); }, SETTLED_MS);
  };

  const receive = () => {
    const answer = XMR.answerOf(props);
    if (!isCurrent("clip", answer)) return;
    if (answer.stage === "broken") { stop("clip", "failed"); return; } // a message of Gradio's says why
    if (answer.stage === "failed") stop("clip", "idle");
    tell(answer);
  };

  // Whatever is asked next, a download for this page's last question has become useless.
  on("busy", "youtube", (area) => {
    if (area !== "clip") return;
    if (told) tell(null);
    if (isRunning && !isDropped) { isDropped = true; trigger("drop", {}); }
  });
  // The button that cancelled is gone: the keyboard goes back to where the request began.
  on("stopped", "youtube", (area, reason) => {
    const wasOurs = isCurrent("clip", { ticket: ticket + 1 }); // to stop counts one further
    if (area === "clip" && reason === "cancelled" && wasOurs) input.focus();
  });
  on("gallery", "youtube", () => tell(null));
  on("language", "youtube", draw);
  root.replaceChildren(h("form", { onsubmit: send }, label, h("div", null, input, go)), hint, said);
  draw();
  watch("value", receive);
};

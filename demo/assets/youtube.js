// The field for links and ids of YouTube and of the gallery. How far a download is, the panel below
// says; why there is none, the field itself, with a way to the upload.
window.XMR.youtube = ({ element, props, trigger, watch }) => {
  const XMR = window.XMR;
  const { facts, h, t, on, emit, begin, isCurrent, stop } = XMR;
  const root = element.querySelector(".xmr-youtube");
  let told = null; // the last answer that belongs to the field
  let ticket = 0; // of the last text that was sent

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
    if (XMR.isWaiting("clip")) emit("cancel", "clip");
    emit("pasted");
    ticket = begin("clip");
    trigger("paste", XMR.question({ text, ticket }));
  };

  const receive = () => {
    const answer = XMR.answerOf(props);
    if (!isCurrent("clip", answer)) return;
    if (answer.stage === "failed") stop("clip", "idle");
    tell(answer);
  };

  on("busy", "youtube", (area) => { if (area === "clip" && told) tell(null); });
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

// The choice of a method: a button that says which it is, and a list to search in, each method
// with what it can do. Every view that needs a method has one; they share the choice.
(() => {
  const XMR = window.XMR;
  const { methods, state, h, icon, t } = XMR;

  // What a method can do, as small marks: languages it reads, clips, and what it compares.
  const mark = (text, title, kind) => h("span", { class: "xmr-mark", "data-kind": kind, title }, text);
  const codeOf = (method) => (method.bits
    ? mark(t("mark_bits", { bits: method.bits }), t("can_bits", { bits: method.bits }), "bits")
    : method.width && mark(t("mark_floats", { width: method.width }), t("can_floats", { width: method.width }), "floats"));
  const abilities = (method) => {
    return h("span", { class: "xmr-marks" },
      method.languages.includes("en") && mark("English", t("can_en"), "text"),
      method.languages.includes("zh") && mark("中文", t("can_zh"), "text"),
      mark(t("mark_clip"), t("can_clip"), "clip"),
      codeOf(method));
  };

  // `choose(id)` is called with the method that was picked.
  const picker = (place, choose) => {
    const box = `xmr-picker-${place}`;
    let open = false;
    let active = 0;
    let listed = XMR.offered();

    const button = h("button", {
      type: "button", class: "xmr-picked", "aria-haspopup": "listbox", "aria-expanded": "false",
      onclick: () => (open ? close() : show()),
      onkeydown: (event) => { if (["ArrowDown", "ArrowUp"].includes(event.key)) { show(); event.preventDefault(); } },
    });
    const filter = h("input", {
      type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": `${box}-list`, "aria-autocomplete": "list",
      autocomplete: "off", spellcheck: "false", oninput: () => { active = 0; list(); },
    });
    const options = h("ul", { id: `${box}-list`, role: "listbox" });
    const sheet = h("div", { class: "xmr-picker-sheet", hidden: true }, h("div", { class: "xmr-picker-find" }, icon("search"), filter), options);
    const element = h("div", { class: "xmr-picker", "data-place": place }, button, sheet);

    const list = () => {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      const text = (method) => {
        const kinds = [method.id, method.title, method.method, method.languages.includes("zh") ? "中文 chinese" : "", method.text ? "text english" : "clip only"];
        return `${kinds.join(" ")} ${method.bits ? `${method.bits} bits hash` : "float"}`.toLowerCase();
      };
      listed = XMR.offered().filter((method) => words.every((word) => text(method).includes(word)));
      active = Math.min(active, Math.max(0, listed.length - 1));
      options.replaceChildren(...listed.map((method, i) => h("li", {
        id: `${box}-${i}`, role: "option", "aria-selected": String(method.id === state.method),
        class: i === active ? "active" : "", onclick: () => pick(method.id),
        onpointermove: () => { if (active !== i) { active = i; point(); } },
      },
      h("span", { class: "xmr-tick" }, method.id === state.method && icon("check")),
      h("span", null, h("b", null, method.id), h("small", null, method.title)),
      abilities(method))));
      if (!listed.length) options.append(h("li", { class: "xmr-none", role: "option", "aria-disabled": "true", "aria-selected": "false" }, t("method_none")));
      point();
    };
    const point = () => {
      for (const [i, option] of [...options.children].entries()) option.classList.toggle("active", i === active && listed.length > 0);
      if (listed.length) filter.setAttribute("aria-activedescendant", `${box}-${active}`);
      else filter.removeAttribute("aria-activedescendant");
    };
    const show = () => {
      open = true;
      filter.value = "";
      active = Math.max(0, XMR.offered().findIndex((method) => method.id === state.method));
      sheet.hidden = false;
      button.setAttribute("aria-expanded", "true");
      list();
      filter.focus();
      const current = options.children[active];
      if (current) current.scrollIntoView({ block: "nearest" });
    };
    const close = (keepsFocus) => {
      if (!open) return;
      open = false;
      sheet.hidden = true;
      button.setAttribute("aria-expanded", "false");
      if (keepsFocus) button.focus();
    };
    const pick = (id) => {
      close(true);
      if (id === state.method) return;
      choose(id);
      XMR.emit("method", id);
    };
    filter.addEventListener("keydown", (event) => {
      const last = listed.length - 1;
      const next = { ArrowDown: Math.min(last, active + 1), ArrowUp: Math.max(0, active - 1) }[event.key];
      if (next !== undefined) {
        active = next;
        point();
        if (options.children[active]) options.children[active].scrollIntoView({ block: "nearest" });
      } else if (event.key === "Enter") {
        if (listed[active]) pick(listed[active].id);
      } else if (event.key === "Escape") {
        close(true);
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    });
    element.addEventListener("focusout", (event) => { if (event.relatedTarget && !element.contains(event.relatedTarget)) close(false); });
    document.addEventListener("pointerdown", (event) => { if (!element.contains(event.target)) close(false); });

    const draw = () => {
      const method = methods.get(state.method);
      filter.placeholder = t("method_find");
      filter.setAttribute("aria-label", t("method_find"));
      options.setAttribute("aria-label", t("method"));
      button.replaceChildren(h("span", { class: "xmr-picked-label" }, t("method")), h("b", null, method.id), codeOf(method), icon("chevron"));
      button.title = method.title;
      if (open) list();
    };
    draw();
    return { element, draw };
  };

  Object.assign(XMR, { picker, abilities });
})();

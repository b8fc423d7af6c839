// The choice of a gallery: what is searched. With one gallery there is nothing to choose, until another one comes.
(() => {
  const XMR = window.XMR;
  const { facts, galleries, state, h, icon, t, emit } = XMR;

  const clipsOf = (one) => t("clips", { count: XMR.count(one.size) });
  const methodsOf = (one) => t(one.methods.length === 1 ? "gallery_method" : "gallery_methods", { count: one.methods.length });

  // Everything on the page belongs to the old gallery: first all parts forget it, then they ask.
  const choose = (id) => {
    if (id === state.gallery) return;
    state.gallery = id;
    const { methods } = XMR.gallery();
    if (!methods.includes(state.method)) state.method = methods[0];
    XMR.setFilters({});
    XMR.address({ g: id === facts.galleries[0].id || XMR.gallery().private ? "" : id, m: "", v: "", c: "", r: "" });
    emit("gallery", id);
    emit("gallery_open", id);
    XMR.announce(t("gallery_now", { gallery: XMR.galleryName(XMR.gallery()), count: XMR.count(XMR.gallery().size) }));
  };

  const galleryChoice = () => {
    let active = 0;
    const options = h("ul", { id: "xmr-galleries", role: "listbox", tabindex: -1 });
    const sheet = h("div", { class: "xmr-picker-sheet", hidden: true }, options);
    const button = h("button", {
      type: "button", class: "xmr-picked", "aria-haspopup": "listbox", "aria-expanded": "false", "aria-controls": "xmr-galleries",
      onclick: () => (sheet.hidden ? open() : close(true)),
      onkeydown: (event) => { if (["ArrowDown", "ArrowUp"].includes(event.key)) { open(); event.preventDefault(); } },
    });
    const element = h("div", { class: "xmr-picker xmr-gallery" }, button, sheet);

    const point = (next) => {
      active = next;
      for (const [i, option] of [...options.children].entries()) option.classList.toggle("active", i === active);
      options.setAttribute("aria-activedescendant", `xmr-gallery-${active}`);
      options.children[active].scrollIntoView({ block: "nearest" });
    };
    const pick = (id) => { close(true); choose(id); draw(); };
    const open = () => {
      sheet.hidden = false;
      button.setAttribute("aria-expanded", "true");
      options.setAttribute("aria-label", t("gallery_choose"));
      options.replaceChildren(...facts.galleries.map((one, i) => h("li", {
        id: `xmr-gallery-${i}`, role: "option", "aria-selected": String(one.id === state.gallery), "data-id": one.id,
        onclick: () => pick(one.id), onpointermove: () => { if (active !== i) point(i); },
      },
      h("span", { class: "xmr-tick" }, one.id === state.gallery && icon("check")),
      h("span", null, h("b", null, XMR.galleryName(one)), h("small", null, `${clipsOf(one)} · ${t("gallery_made", { maker: one.maker })}`)),
      h("span", { class: "xmr-marks" }, h("span", { class: "xmr-mark" }, methodsOf(one))))));
      point(facts.galleries.findIndex((one) => one.id === state.gallery));
      options.focus();
    };
    const close = (keepsFocus) => {
      if (sheet.hidden) return;
      sheet.hidden = true;
      button.setAttribute("aria-expanded", "false");
      if (keepsFocus) button.focus();
    };
    options.addEventListener("keydown", (event) => {
      const last = facts.galleries.length - 1;
      const next = { ArrowDown: Math.min(last, active + 1), ArrowUp: Math.max(0, active - 1), Home: 0, End: last }[event.key];
      if (next !== undefined) point(next);
      else if (event.key === "Enter" || event.key === " ") pick(facts.galleries[active].id);
      else if (event.key === "Escape") close(true);
      else return;
      event.preventDefault();
    });
    element.addEventListener("focusout", (event) => { if (event.relatedTarget && !element.contains(event.relatedTarget)) close(false); });
    document.addEventListener("pointerdown", (event) => { if (!element.contains(event.target)) close(false); });

    const draw = () => {
      const one = galleries.get(state.gallery);
      element.hidden = facts.galleries.length < 2;
      button.replaceChildren(icon("shelves"), h("span", { class: "xmr-hidden" }, `${t("gallery")}: `), h("b", null, XMR.galleryName(one)), h("span", { class: "xmr-picked-label" }, clipsOf(one)), icon("chevron"));
      button.title = `${clipsOf(one)} · ${t("gallery_made", { maker: one.maker })}`;
    };
    XMR.on("galleries", "choice", draw);
    XMR.on("gallery", "choice", draw);
    draw();
    return { element, draw };
  };

  Object.assign(XMR, { galleryChoice, chooseGallery: choose });
})();

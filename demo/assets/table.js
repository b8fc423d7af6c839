// Words of an explanation: chips with what each word is worth, and the table of words x frames.
(() => {
  const { h, t, signed, languageOf } = window.XMR;

  // Chips; index 0 is the whole query. `choose(index)` is called with the chip's index.
  const wordChips = (answer, choose) => {
    const most = Math.max(1e-6, ...answer.words.map((word) => Math.abs(word.effect)));
    const chip = (word, index) => {
      if (index === 0) {
        return h("button", { type: "button", onclick: () => choose(0) }, h("span", null, t("whole")));
      }
      const change = signed(-word.effect);
      const tip = word.known ? t("word_tip", { word: word.text, change }) : t("word_unknown_tip", { word: word.text });
      return h("button", {
        type: "button", title: tip, class: word.known ? "" : "unknown", "data-sign": word.effect < 0 ? "down" : "up",
        style: { "--share": Math.abs(word.effect) / most }, onclick: () => choose(index),
      },
      h("span", { lang: languageOf(word.text) }, word.text),
      h("small", null, word.known ? signed(word.effect) : t("word_unknown")));
    };
    return [null, ...answer.words].map(chip);
  };

  // `choose(word, frame)` is called with a word's chip index and a frame. Cells say more on hover;
  // keyboards reach the same through chips and frames.
  const wordTable = (answer, choose) => {
    const most = Math.max(1e-6, ...answer.word_frame.flat().map(Math.abs));
    const cell = (effect, row, column) => {
      const strength = Math.abs(effect) / most;
      return h("td", {
        "data-sign": effect < 0 ? "down" : "up", "data-word": row + 1, "data-frame": column, style: { "--share": strength },
        title: t("cell", { word: answer.words[row].text, number: column + 1, effect: signed(effect) }),
        onclick: () => choose(row + 1, column),
      },
      h("span", { class: "xmr-sign", "aria-hidden": "true" }, effect < 0 && strength > 0.08 ? "−" : ""),
      h("span", { class: "xmr-number" }, signed(effect).replace("0.", ".").slice(0, 4)));
    };
    return h("table", null,
      h("caption", { class: "xmr-hidden" }, `${t("table")}: ${t("table_hint")}`),
      h("thead", null, h("tr", null, h("td"), answer.frames.map((_, i) => h("th", { scope: "col" }, i + 1)))),
      h("tbody", null, answer.word_frame.map((effects, row) =>
        h("tr", null, h("th", { scope: "row", lang: languageOf(answer.words[row].text), title: answer.words[row].text }, answer.words[row].text),
          effects.map((effect, column) => cell(effect, row, column))))));
  };

  Object.assign(window.XMR, { wordChips, wordTable });
})();

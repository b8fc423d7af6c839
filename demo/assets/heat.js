// Patch maps: letters to a picture that lies over the clip.
(() => {
  const LEVELS = 63;
  // From nothing to the maximum: a dark violet over red to a pale yellow, readable on any picture.
  const RAMP = [[48, 10, 92], [136, 24, 110], [214, 64, 64], [248, 148, 28], [253, 236, 140]];

  const colour = (value) => {
    const place = Math.min(0.9999, Math.max(0, value)) * (RAMP.length - 1);
    const left = Math.floor(place);
    return RAMP[left].map((channel, i) => channel + (RAMP[left + 1][i] - channel) * (place - left));
  };
  const decode = (letters) => Float32Array.from(letters, (letter) => (letter.charCodeAt(0) - 48) / LEVELS);
  const ease = (x) => x * x * (3 - 2 * x);

  // Paints `map` (rows x columns) over the whole canvas; strong patches cover more than weak ones.
  const paint = (canvas, map, [rows, columns], strength) => {
    const context = canvas.getContext("2d");
    const { width, height } = canvas;
    const image = context.createImageData(width, height);
    const at = (row, column) => map[Math.min(rows - 1, Math.max(0, row)) * columns + Math.min(columns - 1, Math.max(0, column))];
    for (let y = 0; y < height; y += 1) {
      const v = ((y + 0.5) / height) * rows - 0.5;
      const row = Math.floor(v);
      const fy = ease(v - row);
      for (let x = 0; x < width; x += 1) {
        const u = ((x + 0.5) / width) * columns - 0.5;
        const column = Math.floor(u);
        const fx = ease(u - column);
        const upper = at(row, column) * (1 - fx) + at(row, column + 1) * fx;
        const lower = at(row + 1, column) * (1 - fx) + at(row + 1, column + 1) * fx;
        const value = upper * (1 - fy) + lower * fy;
        const pixel = 4 * (y * width + x);
        const [red, green, blue] = colour(value);
        image.data.set([red, green, blue, 255 * Math.min(1, strength * (0.06 + 1.05 * value))], pixel);
      }
    }
    context.putImageData(image, 0, 0);
  };

  // The map between two frames: the clip plays more smoothly than the model looks at it.
  const between = (maps, position) => {
    const left = Math.min(maps.length - 1, Math.max(0, Math.floor(position)));
    const right = Math.min(maps.length - 1, left + 1);
    const share = Math.min(1, Math.max(0, position - left));
    return maps[left].map((value, i) => value + (maps[right][i] - value) * share);
  };

  Object.assign(window.XMR, { heat: { decode, paint, between } });
})();

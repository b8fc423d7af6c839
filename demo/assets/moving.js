// Moving pictures: previews on cards, stretches of a longer file, stills of single moments.
(() => {
  const { h, isCalm } = window.XMR;

  // Keeps a playing video between two times of its file; a clip may be a stretch of a longer one.
  const keepInside = (video, start, end) => {
    video.addEventListener("timeupdate", () => {
      const outside = video.currentTime >= end || video.currentTime < start - 0.25;
      if (end > start && outside && !video.seeking) video.currentTime = start;
    });
  };

  const makeVideo = (card, attributes) => {
    const video = h("video", { playsinline: true, loop: true, ...attributes });
    video.muted = true; // The attribute alone does not mute an element made by script.
    keepInside(video, card.start_s, card.end_s);
    return video;
  };

  // A still that moves while the mouse is on it or the keyboard is in it. The file is only asked
  // for then. Without a poster the video's own first picture is the still; a clip whose video is
  // not here has its stored frames or its words instead.
  const picture = (card, host, isEager) => {
    if (!card.media && card.stills.length) return [window.XMR.triptych(card, host, isEager)];
    if (!card.media && !card.poster) return [window.XMR.words(card)];
    const still = card.poster
      ? h("img", { src: card.poster, alt: "", width: 320, height: 180, decoding: "async", fetchpriority: isEager ? "high" : null })
      : card.kind === "image" && card.media
        ? h("img", { src: card.media, alt: "", loading: "lazy" })
        : h("span", { class: "xmr-nopicture" }, window.XMR.icon("film"));
    if (card.kind === "image" || !card.media) return [still];
    const video = makeVideo(card, { preload: card.poster ? "none" : "metadata", tabindex: -1, "aria-hidden": "true" });
    const source = `${card.media}#t=${card.start_s}`;
    if (!card.poster) {
      video.src = source;
      video.classList.add("on");
    }
    const play = () => {
      if (isCalm()) return;
      if (!video.src) video.src = source;
      video.play().then(() => video.classList.add("on"), () => {});
    };
    const rest = () => {
      video.pause();
      if (card.poster) video.classList.remove("on");
    };
    host.addEventListener("pointerenter", (event) => { if (event.pointerType === "mouse") play(); });
    host.addEventListener("pointerleave", rest);
    host.addEventListener("focusin", (event) => { if (event.target.matches(":focus-visible")) play(); });
    host.addEventListener("focusout", rest);
    return [still, video];
  };

  const happens = (target, event) =>
    new Promise((resolve, reject) => {
      target.addEventListener(event, resolve, { once: true });
      target.addEventListener("error", reject, { once: true });
    });

  // Draws the picture at each time into the canvas beside it, one after the other, by seeking a
  // video of its own. Stops when the first canvas has left the page.
  const drawMoments = async (card, times, canvases) => {
    if (!card.media || card.kind === "image") return;
    const video = h("video", { preload: "auto", playsinline: true });
    video.muted = true;
    video.src = card.media;
    try {
      if (video.readyState < 1) await happens(video, "loadedmetadata");
      for (const [index, time] of times.entries()) {
        if (!canvases[0].isConnected) break;
        video.currentTime = Math.min(time, Math.max(0, video.duration - 0.03));
        await happens(video, "seeked");
        const canvas = canvases[index];
        const width = Math.round((canvas.height * video.videoWidth) / video.videoHeight);
        canvas.getContext("2d").drawImage(video, (canvas.width - width) / 2, 0, width, canvas.height);
        canvas.classList.add("on");
      }
    } catch {
      // A file that the browser cannot read: the strip keeps its numbers.
    }
    video.removeAttribute("src");
    video.load();
  };

  Object.assign(window.XMR, { makeVideo, picture, drawMoments });
})();

// What a person would see amiss on a page, as a list of sentences: text on text, text out of its box, text cut off,
// a page that scrolls sideways. Run in the page by look.py.
(() => {
  const said = [];
  const short = (text) => JSON.stringify(text.trim().replace(/\s+/g, " ").slice(0, 40));
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) said.push(`the page is ${root.scrollWidth} px wide in ${root.clientWidth}`);

  const styles = new Map();
  const styleOf = (one) => { if (!styles.has(one)) styles.set(one, getComputedStyle(one)); return styles.get(one); };
  const isDrawn = (one) => {
    const style = styleOf(one);
    return one instanceof SVGElement ? false
      : parseFloat(style.borderLeftWidth) > 0 || !["rgba(0, 0, 0, 0)", "transparent"].includes(style.backgroundColor);
  };
  const boxes = new Map();
  const boxOf = (one) => { if (!boxes.has(one)) boxes.set(one, one.getBoundingClientRect()); return boxes.get(one); };

  // what sticks to an edge lies over the rest by intent: it is looked at where it would stand without
  const stuck = [...document.querySelectorAll("body *")].filter((one) => ["sticky", "fixed"].includes(getComputedStyle(one).position));
  for (const one of stuck) one.style.setProperty("position", "static");

  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.data.trim() || ["SCRIPT", "STYLE", "TITLE", "DESC", "OPTION", "NOSCRIPT"].includes(parent.tagName.toUpperCase())) continue;
    if (parent.checkVisibility && !parent.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const rect of [...range.getClientRects()].slice(0, 400)) {
      if (rect.width < 1 || rect.height < 1 || rect.right <= 0) continue;
      let { left, right, top, bottom } = rect;
      let drawn = false, scrolls = false, hidden = false;
      for (let one = parent; one && one !== document.body; one = one.parentElement) {
        const style = styleOf(one), box = boxOf(one);
        if (style.clipPath !== "none" && box.width <= 2) { hidden = true; break; }
        const isSvg = one.tagName.toLowerCase() === "svg";
        if (isSvg && (left < box.left - 1 || right > box.right + 1 || top < box.top - 1 || bottom > box.bottom + 1)) {
          said.push(`${short(node.data)} stands out of its picture`);
        }
        if (!scrolls && !drawn && isDrawn(one) && style.display !== "inline") {
          drawn = true;
          if (left < box.left - 1 || right > box.right + 1) said.push(`${short(node.data)} stands out of ${one.tagName}.${one.className}`);
        }
        if (!isSvg && style.overflowX !== "visible") {
          if (style.overflowX === "hidden" && !scrolls && (left < box.left - 1 || right > box.right + 1)) said.push(`${short(node.data)} is cut off`);
          scrolls ||= style.overflowX !== "hidden" && one.scrollWidth > one.clientWidth;
          left = Math.max(left, box.left); right = Math.min(right, box.right);
          top = Math.max(top, box.top); bottom = Math.min(bottom, box.bottom);
        }
      }
      if (hidden || right - left < 1 || bottom - top < 1) continue;
      if (left < -1 || right > root.clientWidth + 1) said.push(`${short(node.data)} stands out of the window`);
      texts.push({ node, left, right, top, bottom });
    }
  }
  // a line's box is higher than its letters: two that share less than a third of it do not touch
  texts.sort((one, other) => one.top - other.top);
  texts.forEach((one, at) => {
    for (let next = at + 1; next < texts.length && texts[next].top < one.bottom; next++) {
      const other = texts[next];
      if (other.node === one.node) continue;
      const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const high = Math.min(one.bottom, other.bottom) - other.top;
      if (wide > 2 && high > Math.min(one.bottom - one.top, other.bottom - other.top) / 3) said.push(`${short(one.node.data)} lies on ${short(other.node.data)}`);
    }
  });
  for (const one of stuck) one.style.removeProperty("position");
  return [...new Set(said)];
})()

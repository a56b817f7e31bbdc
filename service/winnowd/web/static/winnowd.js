// Keys, and two texts that scroll together. All of the page works without it.
"use strict";
(() => {
  const all = (what, within = document) => [...within.querySelectorAll(what)];
  const root = document.documentElement;
  const isField = (one) => one.closest("input:not([type=checkbox]), select, textarea, [contenteditable]");

  // keys: on unless switched off in this browser
  const remembered = (value) => {
    try {
      if (value !== undefined) localStorage.setItem("winnowd-keys", value);
      return localStorage.getItem("winnowd-keys");
    } catch { return null; }
  };
  let on = remembered() !== "off";
  const toggles = all("[data-keys]");
  const show = () => {
    root.classList.toggle("with-keys", on);
    for (const one of toggles) { one.hidden = false; one.textContent = on ? "Keys on" : "Keys off"; one.setAttribute("aria-pressed", on); }
  };
  for (const one of toggles) one.addEventListener("click", () => { on = !on; remembered(on ? "on" : "off"); show(); });
  show();

  // in a list: where one is
  const rows = all(".selectable [data-row]");
  let at = -1;
  const go = (to) => {
    if (to < 0 || to >= rows.length) return;
    rows[at]?.classList.remove("at");
    at = to;
    rows[at].classList.add("at");
    rows[at].querySelector("a").focus({ preventScroll: true });
    rows[at].scrollIntoView({ block: "nearest" });
  };
  const inList = { j: () => go(at + 1), k: () => go(at - 1), x: () => rows[at]?.querySelector("[data-select]").click() };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isField(event.target)) { event.target.blur(); return; }
    if (!on || event.repeat || event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
    const found = all("[data-key]").find((one) => one.dataset.key === event.key);
    if (found) {
      event.preventDefault();
      if (isField(found)) { found.focus(); found.select(); } else found.click();
    } else if (rows.length && Object.hasOwn(inList, event.key)) { event.preventDefault(); inList[event.key](); }
  });

  // nothing is sent twice
  for (const form of all("form[method=post]")) {
    form.addEventListener("submit", (event) => { if (form.dataset.sent) event.preventDefault(); form.dataset.sent = "yes"; });
  }
  addEventListener("pageshow", () => { for (const form of all("form[method=post]")) delete form.dataset.sent; });

  // two texts: the shared run that one sees first stands at the same height in both
  const panes = all("[data-linked]");
  if (panes.length === 2) {
    let led = 0;
    const follow = (leader, other) => {
      const top = leader.getBoundingClientRect().top;
      const first = all("mark", leader).find((one) => one.getBoundingClientRect().bottom > top + 40);
      const twin = first && other.querySelector(`mark[data-run="${first.dataset.run}"]`);
      if (!twin) return;
      const gap = first.getBoundingClientRect().top - top;
      led = performance.now();
      other.scrollTop += twin.getBoundingClientRect().top - other.getBoundingClientRect().top - gap;
    };
    panes.forEach((pane, index) => {
      const other = panes[1 - index];
      let leads = false;
      for (const kind of ["pointerenter", "focusin", "wheel", "touchstart"]) {
        pane.addEventListener(kind, () => { pane.leads = true; other.leads = false; }, { passive: true });
      }
      pane.addEventListener("scroll", () => {
        if (!pane.leads || leads) return;
        leads = true;
        requestAnimationFrame(() => { leads = false; follow(pane, other); });
      }, { passive: true });
      pane.addEventListener("click", (event) => {
        const run = event.target.closest("mark")?.dataset.run;
        for (const one of all("mark.at")) one.classList.remove("at");
        if (!run) return;
        for (const one of all(`mark[data-run="${run}"]`)) one.classList.add("at");
        const twin = other.querySelector(`mark[data-run="${run}"]`);
        if (twin) other.scrollTop += twin.getBoundingClientRect().top - event.clientY;
      });
    });
  }

  // a slider beside a number
  for (const slider of all("[data-slides]")) {
    const field = document.getElementById(slider.dataset.slides);
    slider.hidden = false;
    slider.value = field.value;
    slider.addEventListener("input", () => { field.value = Number(Number(slider.value).toPrecision(3)); });
    field.addEventListener("input", () => { slider.value = field.value; });
  }
})();

"use strict";
(() => {
  const pages = [...document.querySelectorAll(".page")];
  const links = new Map([...document.querySelectorAll(".index a")].map((a) => [a.getAttribute("href").slice(1), a]));
  let here = -1;

  const light = (id, on) => {
    document.getElementById(id)?.classList.toggle("on", on);
    document.querySelector(`[data-row="${CSS.escape(id)}"]`)?.classList.toggle("on", on);
  };
  const mark = (index) => {
    if (index === here) return;
    links.get(pages[here]?.id)?.classList.remove("here");
    here = index;
    links.get(pages[here]?.id)?.classList.add("here");
  };
  const go = (index) => {
    if (index < 0 || index >= pages.length) return;
    mark(index);
    pages[index].scrollIntoView({ block: "start" });
    pages[index].focus({ preventScroll: true });
  };
  const step = (by) => {
    const rows = [...document.querySelectorAll("tr.review")];
    if (!rows.length) return;
    const at = rows.indexOf(document.activeElement.closest("tr.review"));
    let next = at + by;
    if (at < 0) {
      next = rows.findIndex((row) => pages.indexOf(row.closest(".page")) >= Math.max(here, 0));
      if (by < 0) next -= 1;
    }
    const row = rows[next];
    if (!row) return;
    mark(pages.indexOf(row.closest(".page")));
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "center" });
  };

  for (const type of ["mouseover", "focusin", "mouseout", "focusout"]) {
    document.addEventListener(type, (event) => {
      const id = event.target.closest?.("tbody tr")?.id ?? event.target.closest?.("[data-row]")?.dataset.row;
      if (id) light(id, type === "mouseover" || type === "focusin");
    });
  }
  document.addEventListener("click", (event) => {
    if (event.target.matches?.("svg.picture")) event.target.closest(".page").classList.toggle("zoomed");
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const keys = {
      ArrowRight: () => go(here + 1),
      ArrowLeft: () => go(here - 1),
      ArrowDown: () => step(1),
      ArrowUp: () => step(-1),
      l: () => document.body.classList.toggle("only-review"),
      p: () => pages[Math.max(here, 0)]?.classList.toggle("zoomed"),
    };
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();

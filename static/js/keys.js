/* Single-key shortcuts, listed on the about page; a person may switch them off in the account (data-keys="off"). */
(function () {
  "use strict";
  const PLACES = { p: "/portfolio/", m: "/meetings/next/", e: "/escalations/", s: "/spend/" };
  const GO_MS = 1200;
  let going = 0;

  const typing = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;
  const rows = () => Array.from(document.querySelectorAll("main .tbl tbody tr, main .card, main .inbox .it, main .task, main [data-row]")).filter((row) => row.querySelector("a") || row.matches("a"));
  const handle = (row) => (row.matches("a") ? row : row.querySelector("a"));

  function step(by) {
    const list = rows();
    const here = list.findIndex((row) => row.contains(document.activeElement));
    const next = list[here < 0 && by < 0 ? list.length - 1 : here + by];
    if (next) handle(next).focus();
  }

  function act(key) {
    const row = rows().find((candidate) => candidate.contains(document.activeElement));
    if (key === "j") step(1);
    else if (key === "k") step(-1);
    else if (key === "x" && row) row.querySelector("input[type=checkbox], summary")?.click();
    else if (key === "e") document.querySelector("main [data-edit]")?.click();
    else if (key === "?") window.location.assign("/about/#keys");
    else return false;
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest("form");
      if (form) form.requestSubmit();
      return;
    }
    if (document.body.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const key = event.key.toLowerCase();
    if (Date.now() - going < GO_MS && PLACES[key]) {
      going = 0;
      window.location.assign(PLACES[key]);
    } else if (key === "g") {
      going = Date.now();
    } else if (key === "/") {
      const field = document.getElementById("q");
      if (field && field.offsetParent) {
        event.preventDefault();
        field.focus();
      }
    } else if (act(key)) {
      event.preventDefault();
    }
  });

  /* The count in a bulk bar follows the boxes of its form; the head's box selects all. */
  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-bulk]");
    if (!form || event.target.type !== "checkbox") return;
    const boxes = Array.from(form.querySelectorAll("tbody input[type=checkbox]"));
    if (event.target.matches("[data-all]")) boxes.forEach((box) => { box.checked = event.target.checked; });
    boxes.forEach((box) => box.closest("tr").setAttribute("aria-selected", box.checked));
    const count = boxes.filter((box) => box.checked).length;
    form.querySelectorAll("[data-count]").forEach((place) => { place.textContent = count; });
    form.querySelectorAll(".bulk").forEach((bar) => { bar.hidden = count === 0; });
  });
})();

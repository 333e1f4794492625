/* What pages need beyond htmx: focus after a swap, errors that keep the page, busy buttons, printing, menus, toasts.
   Everything can be read and sent without this file. */
(function () {
  "use strict";
  const MENUS = "details.menu, details.account, details.filter";
  const TOAST_MS = 8000;

  /* ---------- errors: the region keeps its content, a banner says what happened ---------- */
  function refusal(text) {
    const banner = document.getElementById("refusal").content.firstElementChild.cloneNode(true);
    if (text) banner.querySelector(".calc").textContent = text;
    return banner;
  }

  function showRefusal(target, banner) {
    const place = target.closest("table, ul, ol, dl") || target;
    document.querySelectorAll("[data-refusal]").forEach((old) => old.remove());
    banner.dataset.refusal = "";
    if (place === target) place.prepend(banner);
    else place.before(banner);
  }

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, target } = event.detail;
    document.querySelectorAll("[data-refusal]").forEach((old) => old.remove());
    if (xhr.status < 400) return;
    const answer = new DOMParser().parseFromString(xhr.responseText, "text/html");
    const fragment = answer.querySelector("main") ? null : answer.querySelector("body > .banner");
    if (!fragment && (xhr.status === 409 || xhr.status === 422)) return;
    event.detail.shouldSwap = false;
    showRefusal(target, fragment ? document.importNode(fragment, true) : refusal());
  });

  document.addEventListener("htmx:sendError", (event) => {
    if (!event.target.closest("[data-quiet]")) {
      showRefusal(event.detail.target, refusal("The server did not answer. Nothing was changed. Try again in a moment."));
    }
  });

  /* ---------- focus: to the error summary, or to the heading marked data-focus; nowhere after polling ---------- */
  let nextRow = null;

  document.addEventListener("htmx:beforeRequest", (event) => {
    const row = event.target.closest("tr, [data-row]");
    nextRow = row && (row.nextElementSibling || row.previousElementSibling);
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    const region = event.detail.elt;
    if (!region.isConnected || region.closest("[data-quiet]")) return;
    const heading = region.querySelector(".errsum") || (region.matches("[data-focus]") ? region : region.querySelector("[data-focus]"));
    const lost = !document.activeElement || document.activeElement === document.body;
    const next = heading || (lost && nextRow && nextRow.isConnected ? nextRow.querySelector("a, button, input") : null);
    if (next) next.focus({ preventScroll: next !== heading });
    nextRow = null;
  });

  document.addEventListener("announce", (event) => {
    document.getElementById("announce").textContent = event.detail.value || "";
  });

  /* ---------- plain forms: a second press is ignored ---------- */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) return event.preventDefault();
    if (form.matches("[hx-post], [data-hx-post]")) return;
    form.dataset.sent = "1";
    if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
  });

  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
    });
    const summary = document.querySelector(".errsum");
    if (summary && document.title.startsWith("Error:")) summary.focus();
  });

  /* ---------- small things ---------- */
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
    const close = event.target.closest("[data-dismiss]");
    if (close) close.closest(".toast, .banner").remove();
    document.querySelectorAll(MENUS).forEach((menu) => {
      if (menu.open && !menu.contains(event.target)) menu.open = false;
    });
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll(MENUS).forEach((menu) => {
      if (!menu.open) return;
      menu.open = false;
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    });
  });

  function fadeToast(toast) {
    let timer = null;
    const start = () => { timer = setTimeout(() => toast.remove(), TOAST_MS); };
    const stop = () => clearTimeout(timer);
    ["mouseenter", "focusin"].forEach((name) => toast.addEventListener(name, stop));
    ["mouseleave", "focusout"].forEach((name) => toast.addEventListener(name, start));
    start();
  }

  const prepare = (root) => root.querySelectorAll(".toast[data-fades]:not([data-ready])").forEach((toast) => {
    toast.dataset.ready = "";
    fadeToast(toast);
  });
  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt.parentNode || document));
})();

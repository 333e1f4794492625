/* Drafts save themselves: 800 ms after typing stops and on leaving a field.
   <form data-autosave="/url/"> holds a hidden "version" and an element [data-saved].
   The answer is a fragment for [data-saved] (200, 401 signed out, 409 changed by someone else, 422 with the reason) and an X-Version header.
   A form sent while a save is on its way waits for its answer, so that nobody is in conflict with themselves.
   No open field is ever replaced. Any other form with data-warn-unsaved only warns before leaving. */
(function () {
  "use strict";
  const PAUSE_MS = 800;
  const FIRST_RETRY_MS = 2000;
  const LAST_RETRY_MS = 60000;
  const states = new WeakMap();
  const forms = () => document.querySelectorAll("form[data-autosave], form[data-warn-unsaved]");

  function stateOf(form) {
    if (!states.has(form)) states.set(form, { timer: 0, retry: FIRST_RETRY_MS, dirty: false, busy: false, failedAt: "" });
    return states.get(form);
  }

  function say(form, html) {
    const place = form.querySelector("[data-saved]");
    if (place) place.innerHTML = html;
  }

  function sayFailed(form, state) {
    if (!state.failedAt) state.failedAt = new Date().toTimeString().slice(0, 5);
    const note = document.createElement("p");
    note.className = "saved is-bad";
    note.setAttribute("role", "alert");
    note.textContent = `Not saved since ${state.failedAt}, trying again. Keep this page open.`;
    say(form, note.outerHTML);
  }

  function save(form) {
    const state = stateOf(form);
    clearTimeout(state.timer);
    if (!state.dirty || state.busy) return;
    state.busy = true;
    state.dirty = false;
    state.saving = post(form, state);
  }

  async function post(form, state) {
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true", "X-Autosave": "1" } });
      if (answer.status >= 500) throw new Error(String(answer.status));
      const version = answer.headers.get("X-Version");
      if (version && form.elements.version) form.elements.version.value = version;
      if (!answer.ok) state.dirty = true;
      if (answer.ok || [401, 409, 422].includes(answer.status)) say(form, await answer.text());
      else sayFailed(form, state);
      state.failedAt = "";
      state.retry = FIRST_RETRY_MS;
      state.busy = false;
    } catch {
      state.busy = false;
      state.dirty = true;
      sayFailed(form, state);
      state.timer = setTimeout(() => save(form), state.retry);
      state.retry = Math.min(state.retry * 2, LAST_RETRY_MS);
    }
  }

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-autosave], form[data-warn-unsaved]");
    if (!form) return;
    const state = stateOf(form);
    state.dirty = true;
    if (!form.dataset.autosave) return;
    clearTimeout(state.timer);
    state.timer = setTimeout(() => save(form), PAUSE_MS);
  });

  document.addEventListener("focusout", (event) => {
    const form = event.target.closest?.("form[data-autosave]");
    if (form) save(form);
  });

  function send(event) {
    const form = event.target;
    const state = states.get(form);
    if (!state) return;
    clearTimeout(state.timer);
    state.dirty = false;
    if (!state.busy) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (state.sending) return;
    state.sending = true;
    state.saving.then(() => {
      state.sending = false;
      form.requestSubmit(event.submitter);
    });
  }

  document.addEventListener("submit", send, true);

  window.addEventListener("beforeunload", (event) => {
    if (Array.from(forms()).some((form) => states.get(form)?.dirty)) event.preventDefault();
  });
})();

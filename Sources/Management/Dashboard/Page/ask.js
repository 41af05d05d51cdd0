// A question before something is done, and the word afterwards that it is.

const find = (id) => document.getElementById(id);

/** @returns whether the answer was yes */
export function ask({ title, text, yes }) {
  const dialog = find("ask");
  find("ask-title").textContent = title;
  find("ask-text").textContent = text;
  find("ask-yes").textContent = yes;
  dialog.returnValue = "no";
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
    find("ask-yes").focus();
  });
}

let saidTimer = null;
let undo = null;

/**
 * To eyes and to screen readers.
 * @param onUndo takes back what was done; null: there is nothing to take back
 */
export function say(text, { isError = false, onUndo = null } = {}) {
  find("toast").classList.toggle("error", isError);
  find("said").textContent = text;
  find("undo").hidden = onUndo === null;
  undo = onUndo;
  clearTimeout(saidTimer);
  if (text) saidTimer = setTimeout(() => say(""), isError || onUndo ? 15000 : 6000);
}

export const isSaid = (text) => find("said").textContent === text;

find("undo").addEventListener("click", () => {
  const action = undo;
  say("");
  action?.();
});

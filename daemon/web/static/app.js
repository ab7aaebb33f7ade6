"use strict";

// Copy buttons, and pages that keep themselves up to date. Every page works without this file.

const REFRESH_MS = 20000;

function showScriptedParts() {
  for (const part of document.querySelectorAll("[data-script]")) {
    part.hidden = false;
  }
}

function said(button) {
  const words = button.closest("figure").querySelector(".say");
  const form = document.querySelector("form[action$='/update']");
  form.closest("details").open = true;
  form.elements.text.value = words.textContent;
  form.elements.lang.value = words.lang;
  form.elements.text.scrollIntoView({ block: "center" });
  form.elements.text.focus({ preventScroll: true });
}

async function copy(button) {
  const text = button.closest("figure").querySelector(".say").textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea"); // where the page is not served over TLS
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
}

function busy(main) {
  const typed = [...main.querySelectorAll("textarea, input:not([type=hidden])")].some((field) => field.value !== field.defaultValue);
  return typed || main.contains(document.activeElement) || String(document.getSelection()) !== "";
}

async function refresh() {
  const main = document.querySelector("main[data-live]");
  if (!main || document.hidden) {
    return;
  }
  let answer;
  try {
    answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  } catch {
    return; // no network: the next turn tries again
  }
  if (answer.redirected || !answer.ok) {
    return;
  }
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  const changed = fresh.dataset.head !== main.dataset.head;
  const wait = busy(main);
  document.querySelector("#stale").hidden = !(wait && changed);
  if (wait) {
    return;
  }
  const open = [...main.querySelectorAll("details")].map((details) => details.open);
  main.replaceWith(fresh);
  fresh.querySelectorAll("details").forEach((details, i) => { details.open = open[i] ?? details.open; });
  showScriptedParts();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.matches("[data-copy]")) {
    copy(button);
  } else if (button?.matches("[data-said]")) {
    said(button);
  }
});
document.addEventListener("submit", (event) => {
  // a second press of a tired thumb does nothing
  for (const button of event.target.querySelectorAll("button")) {
    setTimeout(() => { button.disabled = true; }, 0);
  }
});
document.addEventListener("visibilitychange", refresh);
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button:disabled")) {
    button.disabled = false;
  }
});
showScriptedParts();
setInterval(refresh, REFRESH_MS);

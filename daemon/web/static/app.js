"use strict";

// Copy buttons, replies checked while they are typed, and pages that keep themselves up to date.
// Every page works without this file.

const REFRESH_MS = 20000;
const CHECK_MS = 600; // after the last letter

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
  check(form);
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

let checking = 0;
let checked = 0; // number of the latest question, so that a late answer overwrites no newer one

function checkSoon(form) {
  clearTimeout(checking);
  checking = setTimeout(() => check(form), CHECK_MS);
}

async function check(form) {
  const place = form.querySelector("[data-lint]");
  const number = ++checked;
  const { text, lang, channel, csrf_token: token } = form.elements;
  let findings = [];
  if (text.value.trim()) {
    const about = { incident: place.dataset.incident, interface_lang: place.dataset.lang };
    const body = { reply: text.value, lang: lang.value, channel: channel.value || null, ...about };
    let answer;
    try {
      answer = await fetch("/api/v1/lint", {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": token.value },
        body: JSON.stringify(body),
      });
    } catch {
      return; // no network: the server checks when it is sent
    }
    if (!answer.ok) {
      return;
    }
    findings = (await answer.json()).findings;
  }
  if (number === checked) {
    show(form, place, findings);
  }
}

function show(form, place, findings) {
  const better = findings.find((finding) => finding.suggestion)?.suggestion;
  place.replaceChildren(...findings.map(findingRow), ...(better ? [betterRow(form, better)] : []));
  const anyway = form.querySelector("[data-anyway]");
  anyway.hidden = !findings.some((finding) => finding.severity === "error");
  if (anyway.hidden) {
    anyway.querySelector("input").checked = false;
  }
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function findingRow(finding) {
  const row = element("div", `finding ${finding.severity}`, "");
  const line = document.createElement("p");
  const badge = element("span", `badge ${finding.severity === "error" ? "critical" : "major"}`, finding.severity);
  line.append(badge, ` ${finding.message}`);
  row.append(line);
  return row;
}

function betterRow(form, text) {
  const row = element("div", "finding better", "");
  const take = element("button", "", "Take this instead");
  take.type = "button";
  take.addEventListener("click", () => {
    form.elements.text.value = text;
    check(form);
  });
  const words = element("p", "", text);
  words.dir = "auto";
  row.append(words, take);
  return row;
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
for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (event) => {
    const form = event.target.form;
    if (form?.querySelector("[data-lint]") && event.target.name !== "anyway") {
      checkSoon(form);
    }
  });
}
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

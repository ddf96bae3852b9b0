// The task pane: its tabs, the search, the templates, the theme.

import * as excel from "./excel.js";
import { watchServer } from "./health.js";
import { wireForm } from "./insert.js";

const settings = JSON.parse(document.getElementById("valuehour").textContent);
const byId = (id) => document.getElementById(id);

// Tabs ----------------------------------------------------------------------------------------------------------

const tabs = [...document.querySelectorAll("[role=tab]")];

function choose(tab) {
  for (const other of tabs) {
    const isChosen = other === tab;
    other.setAttribute("aria-selected", String(isChosen));
    other.tabIndex = isChosen ? 0 : -1;
    byId(other.getAttribute("aria-controls")).hidden = !isChosen;
  }
  tab.focus();
  window.scrollTo(0, 0);
}

tabs.forEach((tab, place) => {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -place, End: tabs.length - 1 - place }[key];
    if (step !== undefined) choose(tabs[(place + step + tabs.length) % tabs.length]);
  });
});
byId("chip").addEventListener("click", () => choose(byId("tab-server")));

// Search --------------------------------------------------------------------------------------------------------

const search = byId("search");
const functions = [...document.querySelectorAll("details.function")];
const families = [...document.querySelectorAll(".family")];

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const item of functions) {
    item.hidden = !words.every((word) => item.dataset.words.includes(word));
    found += !item.hidden;
  }
  for (const family of families) family.hidden = !family.querySelector("details.function:not([hidden])");
  byId("nothing").hidden = found > 0;
  const all = functions.length;
  byId("found").textContent = words.length ? `${found} of ${all} functions` : `${all} functions`;
}

search.addEventListener("input", filter);
search.addEventListener("keydown", (event) => {
  const first = functions.find((item) => !item.hidden);
  if (event.key === "Enter" && search.value && first) {
    event.preventDefault(); // or the key goes on to what is focused now
    first.open = true;
    first.querySelector("summary").focus();
  }
});
byId("clear").addEventListener("click", () => {
  search.value = "";
  filter();
  search.focus();
});
for (const item of functions) {
  wireForm(item.querySelector("form"), item.dataset.name);
  // Unfolding one folds another one up, which may lie above: not every browser keeps the page in its place then.
  item.addEventListener("toggle", () => {
    if (item.open) item.querySelector("summary").scrollIntoView({ block: "nearest" });
  });
}

// Templates -----------------------------------------------------------------------------------------------------

async function openTemplate(button) {
  const [opened, refusal] = [byId("opened"), byId("not-opened")];
  opened.textContent = "Opening …";
  refusal.hidden = true;
  button.disabled = true;
  try {
    if (!(await excel.isHere)) throw new Error("Open this page in Excel, or download the workbook.");
    const response = await fetch(button.dataset.url).catch(() => {
      throw new Error("The server cannot be reached.");
    });
    if (!response.ok) throw new Error(`The server has no such workbook (status ${response.status}).`);
    await excel.openWorkbook(await base64Of(await response.blob()));
    opened.textContent = "✓ Opened as a new workbook.";
  } catch (error) {
    opened.textContent = "";
    refusal.textContent = excel.inWords(error);
    refusal.hidden = false;
  } finally {
    button.disabled = false;
    if (document.activeElement === document.body) button.focus(); // where it was before
  }
}

function base64Of(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

for (const button of document.querySelectorAll(".open")) button.addEventListener("click", () => openTemplate(button));

// What the page of the package tells is put away with its own button ----------------------------------------------

for (const close of document.querySelectorAll(".alert .btn-close")) {
  close.addEventListener("click", () => close.parentElement.classList.add("d-none"));
}

// Excel has a theme of its own, which need not be that of the system ---------------------------------------------

excel.isHere.then(() => {
  const background = /^#?([0-9a-f]{6})/i.exec(Office.context?.officeTheme?.bodyBackgroundColor ?? "")?.[1];
  if (!background) return;
  const [red, green, blue] = background.match(/../g).map((part) => parseInt(part, 16));
  const isDark = 0.299 * red + 0.587 * green + 0.114 * blue < 128;
  byId("dark-theme").media = isDark ? "all" : "not all";
});

watchServer(settings);

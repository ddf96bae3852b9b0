// A function's form: its fields, the formula they make, and the way into the active cell.

import * as excel from "./excel.js";
import { areaOf, formulaOf, isOn, Refusal } from "./formula.js";

const NOT_IN_EXCEL = "Open this page in Excel to insert functions.";

export function wireForm(form, name) {
  const find = (selector) => form.querySelector(selector);
  const inputs = [...form.querySelectorAll(".field input")];
  const [preview, refusal, overwrite, done, insert] = [
    ".formula",
    ".refusal",
    ".overwrite",
    ".done",
    "button[type=submit]",
  ].map(find);
  let asked = null; // the cell that was asked about, and what it held

  function formula(sheet = null) {
    const fields = inputs.map((input) => ({
      label: input.dataset.label,
      value: sheet === null ? input.value : withoutSheet(input.value, sheet),
      fallback: input.dataset.default,
      required: input.required,
      repeats: "repeats" in input.dataset,
    }));
    return formulaOf(name, fields);
  }

  function refuse(message, field = null) {
    if (refusal.textContent !== message) refusal.textContent = message; // or it would be read out at every key
    refusal.hidden = !message;
    inputs.forEach((input, place) => {
      if (message && place === field) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    });
  }

  function ask(cell) {
    asked = cell;
    overwrite.hidden = !cell;
    insert.parentElement.hidden = Boolean(cell);
    if (!cell) return;
    overwrite.querySelector("p").textContent = `${cell.address} holds ${shortened(cell.content)}. Overwrite?`;
    overwrite.querySelector(".cancel").focus(); // a key that is held down must not overwrite
  }

  function show() {
    ask(null);
    done.textContent = "";
    try {
      preview.textContent = formula();
      refuse("");
    } catch (error) {
      preview.textContent = `=${name}(…)`;
      if (!refusal.hidden) refuse(error.message, error.field); // who is still typing is not interrupted
    }
  }

  async function place(address) {
    done.textContent = "";
    try {
      formula(); // refuses before Excel is asked
      if (!(await excel.isHere)) throw new Refusal(NOT_IN_EXCEL);
      const cell = await excel.cellFor(inputs.map(({ value }) => value), address);
      if (cell.isCovered) {
        const found = `The formula would refer to its own cell, ${cell.address}.`;
        throw new Refusal(`${found} Select the cell for the result first.`);
      }
      const isAgreed = asked && asked.address === cell.address && asked.content === cell.content;
      if (cell.content !== "" && !isAgreed) return ask(cell);
      const text = formula(cell.sheet);
      await excel.write(cell.address, text);
      const wasAsked = Boolean(asked);
      ask(null);
      refuse("");
      if (wasAsked) insert.focus();
      done.textContent = `✓ ${text} stands in ${cell.address}.`;
    } catch (error) {
      const wasAsked = Boolean(asked);
      ask(null);
      refuse(excel.inWords(error), error.field);
      (inputs[error.field] ?? (wasAsked ? insert : null))?.focus();
    }
  }

  async function pick(input) {
    try {
      if (!(await excel.isHere)) throw new Refusal(NOT_IN_EXCEL);
      input.value = await excel.selectedAddress();
      show();
    } catch (error) {
      refuse(excel.inWords(error));
    }
  }

  for (const input of inputs) {
    input.addEventListener("input", show);
    input.addEventListener("focus", () => input.select());
    input.parentElement.querySelector(".pick").addEventListener("click", () => pick(input));
  }
  find(".more")?.addEventListener("click", ({ target }) => {
    const hidden = form.querySelectorAll(".field[hidden]");
    hidden[0].hidden = false;
    hidden[0].querySelector("input").focus();
    target.hidden = hidden.length === 1;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    place(null);
  });
  form.addEventListener("reset", () => setTimeout(show));
  overwrite.querySelector(".confirm").addEventListener("click", () => place(asked.address));
  overwrite.querySelector(".cancel").addEventListener("click", () => {
    ask(null);
    insert.focus();
  });
  show();
}

// A reference to the sheet in which the formula stands needs no sheet.
function withoutSheet(value, sheet) {
  const area = areaOf(value);
  return area && isOn(area, sheet) ? area.cells : value;
}

function shortened(text) {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

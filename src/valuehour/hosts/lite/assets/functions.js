// The functions of valuehour in Excel, calculated by Python in this page. No server, no network once it is loaded.

import { NAMES, VERSION } from "./names.js";
import { loadPyodide } from "./pyodide/pyodide.mjs";

const PACKAGE = "/valuehour.zip";

// Errors by what Excel shows, in the words that Office.js has for them.
const CODES = {
  "#DIV/0!": "divisionByZero",
  "#N/A": "notAvailable",
  "#NAME?": "invalidName",
  "#NULL!": "nullReference",
  "#NUM!": "invalidNumber",
  "#REF!": "invalidReference",
  "#VALUE!": "invalidValue",
};

const python = start();
const waiting = [];
const turn = new MessageChannel();
turn.port1.onmessage = answerWaiting;

async function start() {
  const pyodide = await loadPyodide({ indexURL: new URL("./pyodide/", import.meta.url).href });
  const response = await fetch(new URL("./valuehour.zip", import.meta.url));
  if (!response.ok) {
    throw new Error(`valuehour.zip: ${response.status} ${response.statusText}`);
  }
  pyodide.FS.writeFile(PACKAGE, new Uint8Array(await response.arrayBuffer()));
  pyodide.runPython(`import sys; sys.path.insert(0, "${PACKAGE}")`);
  return pyodide.pyimport("valuehour.hosts.lite.runtime").answer;
}

// Excel asks cell by cell. What it asks in one recalculation is answered together. It keeps the page running while its
// pane is closed, and browsers slow the timers of hidden pages down to seconds; messages are not slowed down.
function ask(name, given) {
  return new Promise((resolve, reject) => {
    waiting.push({ name, given, resolve, reject });
    if (waiting.length === 1) {
      turn.port2.postMessage(null);
    }
  });
}

async function answerWaiting() {
  let answer;
  try {
    answer = await python;
  } catch (error) {
    waiting.splice(0).forEach((call) => call.reject(refusal(error)));
    return;
  }
  const calls = waiting.splice(0);
  try {
    const results = JSON.parse(answer(written(calls)));
    calls.forEach((call, place) => settle(call, results[place]));
  } catch (error) {
    if (calls.length === 1) {
      calls[0].reject(refusal(error));
    } else {
      calls.forEach((call) => answerAlone(call, answer)); // one that fails must not spoil the others
    }
  }
}

function answerAlone(call, answer) {
  try {
    settle(call, JSON.parse(answer(written([call])))[0]);
  } catch (error) {
    call.reject(refusal(error));
  }
}

function written(calls) {
  return JSON.stringify(
    calls.map((call) => [call.name, call.given]),
    (key, value) =>
      value instanceof CustomFunctions.Error ? { type: "Error", basicValue: value.code } : value,
  );
}

function settle(call, rows) {
  if (rows.length === 1 && rows[0].length === 1 && rows[0][0]?.error) {
    call.reject(cellError(rows[0][0].error));
  } else {
    call.resolve(rows.map((row) => row.map((cell) => (cell?.error ? cellError(cell.error) : cell))));
  }
}

function cellError(text) {
  return new CustomFunctions.Error(CustomFunctions.ErrorCode[CODES[text]]);
}

function refusal(error) {
  console.error(error);
  return new CustomFunctions.Error(CustomFunctions.ErrorCode.invalidValue, String(error.message ?? error));
}

function show(state, text) {
  document.getElementById("state").dataset.state = state;
  document.getElementById("verdict").textContent = text;
}

python.then(
  () =>
    globalThis.CustomFunctions
      ? show("well", `✓ Ready: ${NAMES.length} functions, version ${VERSION}. They calculate on this computer.`)
      : show("down", "✗ Excel's part of the page (Office.js) could not be loaded from Microsoft."),
  (error) => show("down", `✗ The functions could not be loaded: ${error.message ?? error}`),
);

for (const name of globalThis.CustomFunctions ? NAMES : []) {
  CustomFunctions.associate(name, (...given) => {
    given.pop(); // what Excel says about the call itself
    return ask(name, given);
  });
}

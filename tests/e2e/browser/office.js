// A small Excel for the browser tests, in place of Office.js: one workbook, cells with formulas, a selection, and the
// registered functions. Like the real one it is strict: what was not loaded cannot be read, and nothing is written
// before sync().

"use strict";

const excel = {
  sheets: new Map([["Sheet1", new Map()], ["Other sheet", new Map()]]),
  selection: { sheet: "Sheet1", area: "B2" },
  functions: new Map(),
  created: [],
  syncs: 0,
  failure: null, // {code, message}: what the next sync() of a write fails with
};
globalThis.excel = excel;
performance.setResourceTimingBufferSize(100_000); // the tests count requests

const letters = (column) => (column > 26 ? letters(Math.floor((column - 1) / 26)) : "") + String.fromCharCode(65 + ((column - 1) % 26));
const numberOf = (text) => [...text].reduce((number, letter) => number * 26 + letter.charCodeAt(0) - 64, 0);
const nameOf = (row, column) => `${letters(column)}${row}`;

const [ROWS, COLUMNS] = [1048576, 16384];

function corners(area) {
  const cells = area.replaceAll("$", "").toUpperCase().split(":").map((cell) => /^([A-Z]*)(\d*)$/.exec(cell));
  if (cells.includes(null)) throw failed("InvalidArgument", `no such cells: ${area}`);
  const [[, left, top], [, right, bottom]] = [cells[0], cells[1] ?? cells[0]];
  const [fromColumn, toColumn] = left ? [numberOf(left), numberOf(right)] : [1, COLUMNS]; // whole rows: "2:3"
  const [fromRow, toRow] = top ? [+top, +bottom] : [1, ROWS]; // whole columns: "B:B"
  return { top: fromRow, left: fromColumn, bottom: toRow, right: toColumn };
}

function failed(code, message) {
  return Object.assign(new Error(message), { code });
}

// An object of the object model: its properties can be read once they are loaded and synchronised.
class Model {
  #context;
  #loaded = new Set();
  constructor(context) {
    this.#context = context;
  }
  load(names) {
    for (const name of [names].flat()) this.#context.queue.push(() => this.#loaded.add(name));
  }
  read(name, value) {
    if (!this.#loaded.has(name)) throw failed("PropertyNotLoaded", `${name} was not loaded`);
    return value;
  }
  write(work) {
    this.#context.queue.push(() => {
      const failure = excel.failure;
      excel.failure = null;
      if (failure) throw failed(failure.code, failure.message);
      work();
    });
  }
}

class Sheet extends Model {
  constructor(context, name) {
    super(context);
    Object.assign(this, { context, sheet: name });
    if (!excel.sheets.has(name)) throw failed("ItemNotFound", `no sheet ${name}`);
  }
  get name() {
    return this.read("name", this.sheet);
  }
  getRange(area) {
    return new Range(this.context, this.sheet, corners(area));
  }
}

class Range extends Model {
  constructor(context, sheet, area) {
    super(context);
    Object.assign(this, { context, sheet, area });
  }
  get cells() {
    return excel.sheets.get(this.sheet);
  }
  get isNullObject() {
    return this.read("isNullObject", this.area === null);
  }
  get worksheet() {
    return new Sheet(this.context, this.sheet);
  }
  get address() {
    const { top, left, bottom, right } = this.area;
    const shown = /^\w+$/.test(this.sheet) ? this.sheet : `'${this.sheet}'`;
    const [from, to] = [nameOf(top, left), nameOf(bottom, right)];
    if (top === 1 && bottom === ROWS) return this.read("address", `${shown}!${letters(left)}:${letters(right)}`);
    return this.read("address", `${shown}!${from === to ? from : `${from}:${to}`}`);
  }
  get formulas() {
    return this.read("formulas", [[this.cells.get(nameOf(this.area.top, this.area.left)) ?? ""]]);
  }
  get text() {
    return this.read("text", [[String(this.cells.get(nameOf(this.area.top, this.area.left)) ?? "")]]);
  }
  set formulas([[formula]]) {
    this.write(() => this.cells.set(nameOf(this.area.top, this.area.left), formula));
  }
  getIntersectionOrNullObject(other) {
    const top = Math.max(this.area.top, other.area.top);
    const left = Math.max(this.area.left, other.area.left);
    const bottom = Math.min(this.area.bottom, other.area.bottom);
    const right = Math.min(this.area.right, other.area.right);
    const isEmpty = top > bottom || left > right || this.sheet !== other.sheet;
    return new Range(this.context, this.sheet, isEmpty ? null : { top, left, bottom, right });
  }
}

class Named extends Model {
  #values;
  constructor(context, values) {
    super(context);
    this.#values = values;
    for (const name of Object.keys(values)) Object.defineProperty(this, name, { get: () => this.read(name, this.#values[name]) });
  }
}

class RequestContext {
  queue = [];
  constructor() {
    this.workbook = Object.assign(new Named(this, { name: "Plan 2026.xlsx" }), {
      getActiveCell: () => {
        const { top, left } = corners(excel.selection.area);
        return new Range(this, excel.selection.sheet, { top, left, bottom: top, right: left });
      },
      getSelectedRange: () => {
        if (excel.selection.area.includes(",")) throw failed("InvalidSelection", "several areas");
        return new Range(this, excel.selection.sheet, corners(excel.selection.area));
      },
      worksheets: { getItem: (name) => new Sheet(this, name) },
    });
    this.application = {
      cultureInfo: Object.assign(new Named(this, { name: "en-DE" }), {
        datetimeFormat: new Named(this, { shortDatePattern: "dd.MM.yyyy" }),
      }),
    };
  }
  async sync() {
    excel.syncs += 1;
    do await new Promise((resolve) => setTimeout(resolve, 1));
    while (globalThis.excelIsBusy);
    for (const work of this.queue.splice(0)) work();
  }
}

globalThis.Excel = {
  RequestContext,
  run: async (work) => work(new RequestContext()),
  createWorkbook: async (base64) => void excel.created.push(base64),
};

const info = { host: "Excel", platform: "OfficeOnline" };
globalThis.Office = {
  onReady: (callback) => Promise.resolve(info).then((ready) => (callback?.(ready), ready)),
  actions: { associate: () => {} },
  context: {
    requirements: { isSetSupported: () => true },
    officeTheme: globalThis.officeTheme,
  },
};

globalThis.CustomFunctions = {
  associate: (id, work) => excel.functions.set(id, work),
  ErrorCode: {
    divisionByZero: "#DIV/0!",
    invalidName: "#NAME?",
    invalidNumber: "#NUM!",
    invalidReference: "#REF!",
    invalidValue: "#VALUE!",
    notAvailable: "#N/A",
    nullReference: "#NULL!",
  },
  Error: class extends Error {
    constructor(code, message) {
      super(message);
      this.code = code;
    }
  },
};

// As Excel does it: every cell's function is called without waiting for the others.
excel.recalculate = async (calls) => {
  const began = performance.now();
  const values = await Promise.all(
    calls.map(async ({ id, args, address }) => {
      try {
        return { value: await excel.functions.get(id)(...args, { address, functionName: id }) };
      } catch (error) {
        return { error: error.code ?? error.name, message: error.message };
      }
    }),
  );
  return { values, ms: performance.now() - began };
};

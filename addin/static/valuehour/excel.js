// What the task pane asks of Excel, and Excel's refusals in words that say what to do.

import { areaOf, isOn } from "./formula.js";

export const isHere = Office.onReady().then((info) => Boolean(info?.host));

const REFUSALS = {
  AccessDenied: "The sheet is protected. Unprotect it, or choose a cell that may be changed.",
  InvalidOperationInCellEditMode: "A cell is being edited. Press Enter or Esc in Excel, then try again.",
  InvalidArgument: "Excel does not accept this formula. Check the arguments.",
  InvalidSelection: "Select one block of cells.",
};

export function inWords(error) {
  return REFUSALS[error.code] ?? error.message ?? String(error);
}

export async function selectedAddress() {
  return Excel.run(async (context) => {
    const range = context.workbook.getSelectedRange();
    range.load("address");
    await context.sync();
    return range.address;
  });
}

// The active cell, or the cell of that address: where it is, what is in it, and whether one of the areas covers it.
export async function cellFor(values, address = null) {
  return Excel.run(async (context) => {
    const { cell, sheet } = place(context, address);
    cell.load(["address", "formulas", "text"]);
    sheet.load("name");
    await context.sync();
    const own = values.map(areaOf).filter((area) => area && isOn(area, sheet.name));
    const covers = own.map(({ cells }) => sheet.getRange(cells).getIntersectionOrNullObject(cell));
    covers.forEach((range) => range.load("isNullObject"));
    await context.sync();
    const [[formula]] = cell.formulas;
    return {
      address: cell.address,
      sheet: sheet.name,
      content: formula === "" ? "" : cell.text[0][0] || String(formula),
      isCovered: covers.some((range) => !range.isNullObject),
    };
  });
}

export async function write(address, formula) {
  await Excel.run(async (context) => {
    place(context, address).cell.formulas = [[formula]];
    await context.sync();
  });
}

export async function openWorkbook(base64) {
  if (!Excel.createWorkbook) throw new Error("This Excel opens no workbook from here. Download it instead.");
  await Excel.createWorkbook(base64);
}

function place(context, address) {
  if (address === null) {
    const cell = context.workbook.getActiveCell();
    return { cell, sheet: cell.worksheet };
  }
  const { sheet: name, cells } = areaOf(address);
  const sheet = context.workbook.worksheets.getItem(name);
  return { cell: sheet.getRange(cells), sheet };
}

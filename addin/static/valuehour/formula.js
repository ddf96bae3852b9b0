// A formula from the fields of a function: what is left out, what is missing, what is not one value.

const CLOSERS = { "(": ")", "{": "}", "[": "]" };

export class Refusal extends Error {
  constructor(message, field) {
    super(message);
    this.field = field;
  }
}

// `fields`: {label, value, fallback, required, repeats} in the order of the arguments.
// Left out at the end is left out; a blank between two arguments would count as 0, so it takes its default by name.
export function formulaOf(name, fields) {
  const values = fields.map(({ value }) => bare(value));
  const last = values.findLastIndex((value) => value !== "");
  const given = [];
  fields.forEach((field, place) => {
    if (values[place] === "" && field.required) throw new Refusal(`Fill in ${field.label}.`, place);
    if (place > last || (field.repeats && values[place] === "")) return;
    const value = values[place] === "" ? field.fallback : values[place];
    checkOne(value, field.label, place);
    given.push(value);
  });
  return `=${name}(${given.join(",")})`;
}

// One argument: separators only inside brackets or quotes, and all of those closed.
function checkOne(value, label, place) {
  const open = [];
  let quote = null;
  for (const sign of value) {
    if (quote) {
      if (sign === quote) quote = null;
    } else if (sign === '"' || sign === "'") {
      quote = sign;
    } else if (sign in CLOSERS) {
      open.push(CLOSERS[sign]);
    } else if (Object.values(CLOSERS).includes(sign)) {
      if (open.pop() !== sign) throw new Refusal(`${label}: a bracket is closed that was not opened.`, place);
    } else if ((sign === "," || sign === ";") && open.length === 0) {
      throw new Refusal(`${label} takes one value or reference; decimals have a point: 3.5`, place);
    }
  }
  if (quote) throw new Refusal(`${label}: a ${quote} is not closed.`, place);
  if (open.length > 0) throw new Refusal(`${label}: a bracket is not closed.`, place);
}

// As it is typed, with or without the equals sign of a formula.
function bare(value) {
  return value.trim().replace(/^=\s*/, "");
}

const CELL = String.raw`\$?[A-Z]{1,3}\$?\d+`;
const COLUMN = String.raw`\$?[A-Z]{1,3}`;
const ROW = String.raw`\$?\d+`;
const SHEET = "'(?:[^']|'')+'|[^'!:]+";
const CELLS = `${CELL}(?::${CELL})?|${COLUMN}:${COLUMN}|${ROW}:${ROW}`;
const AREA = new RegExp(`^(?:(?<sheet>${SHEET})!)?(?<cells>${CELLS})$`, "i");

// "Sheet1!A2:A9" as its sheet (null for the cell's own) and its cells, whole columns and rows as well; null for
// anything that is no plain reference.
export function areaOf(value) {
  const found = AREA.exec(bare(value));
  if (!found) return null;
  const { sheet, cells } = found.groups;
  return { sheet: sheet ? sheet.replace(/^'|'$/g, "").replaceAll("''", "'") : null, cells };
}

// Whether an area lies on the sheet of that name. Excel does not tell capitals from small letters there.
export function isOn(area, sheet) {
  return area.sheet === null || area.sheet.toLowerCase() === sheet.toLowerCase();
}

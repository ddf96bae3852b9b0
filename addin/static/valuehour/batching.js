// The calls of one recalculation travel together.
//
// The functions' own script posts every cell by itself, through globalThis.xwRequest.post, which it looks up at each
// call. This module takes its place: calls wait a few milliseconds for each other, go to the batch route in one
// request, and each gets its own answer or its own error. Headers, retries and error texts stay those of that script.
// Without this module, or without a batch route on the server, every cell is posted by itself as before.

const WAIT_MS = 3; // how long the first call waits for others
const PAUSES_MS = [500, 2000]; // before a failed call is given back to be tried again
const BACK_WITHIN_MS = 20_000; // how long it is kept each time at most while the server does not answer at all
const WITHOUT_ROUTE_MS = 300_000; // how long a server without batch route is not asked for it again
const UNREADABLE = "The server did not give one answer for each call.";
const NOT_SHARED = new Set(["func_name", "args", "caller_address"]);
const NO_ROUTE = new Set([404, 405]);
const SPOILT = new Set([400, 415, 422, 500]); // one call may be what spoils it for the others

const { appPath, batchMaxCalls, batchMaxBytes } = JSON.parse(document.getElementById("valuehour").textContent);
const callUrl = `${window.location.origin}${appPath}/xlwings/custom-functions-call`;
const batchUrl = `${window.location.origin}${appPath}/valuehour/batch`;
const healthUrl = `${window.location.origin}${appPath}/valuehour/health`;
const stock = globalThis.xwRequest;

// Read by the task pane.
const state = { calls: 0, requests: 0, routeMissingUntil: 0, lastFailure: null };
globalThis.valuehourBatching = state;

const queues = new Map(); // by credentials: a request carries one person's
const failures = new WeakMap(); // by body: the functions' script tries the same object again

globalThis.xwRequest = {
  ...stock,
  post(url, body, options = {}) {
    if (url !== callUrl) return stock.post(url, body, options);
    return called(body, options).catch((error) => givenBack(body, error));
  },
};

function called(body, options) {
  state.calls += 1;
  const bytes = JSON.stringify(body.args).length;
  if (bytes > batchMaxBytes || performance.now() < state.routeMissingUntil) {
    return single({ body, options });
  }
  return new Promise((resolve, reject) => enqueue({ body, options, bytes, resolve, reject }));
}

function single({ body, options }) {
  state.requests += 1;
  return stock.post(callUrl, body, options);
}

function enqueue(call) {
  const key = JSON.stringify(call.options.headers ?? {});
  let queue = queues.get(key);
  if (queue && (queue.calls.length >= batchMaxCalls || queue.bytes + call.bytes > batchMaxBytes)) {
    flush(key);
    queue = null;
  }
  if (!queue) {
    queue = { calls: [], bytes: 0 };
    queues.set(key, queue);
    flushLater(key, queue);
  }
  queue.calls.push(call);
  queue.bytes += call.bytes;
  if (queue.calls.length >= batchMaxCalls) flush(key);
}

// Excel keeps the page running while its pane is closed, and browsers slow the timers of hidden pages down to seconds.
// Messages are not slowed down.
function flushLater(key, queue) {
  const until = performance.now() + WAIT_MS;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    if (queues.get(key) !== queue) return port1.close();
    if (performance.now() < until) return port2.postMessage(null);
    port1.close();
    flush(key);
  };
  port2.postMessage(null);
}

function flush(key) {
  const { calls } = queues.get(key);
  queues.delete(key);
  send(calls);
}

async function send(calls) {
  let results;
  try {
    state.requests += 1;
    const response = await stock.post(batchUrl, payload(calls), batchOptions(calls));
    results = response.data?.results;
    if (!Array.isArray(results) || results.length !== calls.length) {
      throw new Error(UNREADABLE);
    }
  } catch (error) {
    refused(calls, error);
    return;
  }
  calls.forEach((call, place) => settle(call, results[place]));
}

// What all calls have in common (client, session, culture, version) is sent once.
function payload(calls) {
  const [first] = calls;
  const shared = Object.fromEntries(Object.entries(first.body).filter(([name]) => !NOT_SHARED.has(name)));
  const own = ({ body }) =>
    Object.fromEntries(Object.entries(body).filter(([name, value]) => !(name in shared) || shared[name] !== value));
  return { shared, calls: calls.map(own) };
}

function batchOptions(calls) {
  const timeout = Math.max(...calls.map(({ options }) => options.timeout ?? 0));
  return { ...calls[0].options, timeout };
}

function settle(call, answer) {
  const { status, data } = answer ?? {};
  if (status >= 200 && status < 300) {
    call.resolve({ data, status, statusText: "" });
    return;
  }
  const error = new Error(status ? `Request failed with status ${status}` : UNREADABLE);
  if (status) error.response = { data, status, statusText: "" };
  call.reject(error);
}

// The batch was refused as a whole.
function refused(calls, error) {
  const status = error.response?.status;
  if (status === 413 && calls.length > 1) {
    const middle = Math.ceil(calls.length / 2);
    send(calls.slice(0, middle));
    send(calls.slice(middle));
  } else if (NO_ROUTE.has(status) || SPOILT.has(status)) {
    if (NO_ROUTE.has(status)) state.routeMissingUntil = performance.now() + WITHOUT_ROUTE_MS;
    calls.forEach((call) => single(call).then(call.resolve, call.reject));
  } else {
    calls.forEach((call) => call.reject(error));
  }
}

// To the functions' script, which tries again where that may help. It does so at once and three times in all, which is
// over before a server has restarted: a call that may be tried again, alone or in a batch, is kept until the server
// answers. A call that is not tried again has failed, which the task pane tells.
async function givenBack(body, error) {
  const status = error.response?.status;
  const { customFunctionsRetryCodes, customFunctionsMaxRetries } = globalThis.config;
  const failed = (failures.get(body) ?? 0) + 1;
  failures.set(body, failed);
  const mayHelp = status === undefined || customFunctionsRetryCodes.includes(status);
  if (mayHelp && failed < customFunctionsMaxRetries) {
    await pause(PAUSES_MS[Math.min(failed, PAUSES_MS.length) - 1]);
    await serverAnswers();
  } else {
    state.lastFailure = { at: new Date(), name: body.func_name, message: reasonOf(error) };
  }
  throw error;
}

// What the server says, where it is a sentence: a gateway answers with a whole page, and a list is none either.
function reasonOf(error) {
  const data = error.response?.data;
  const told = data?.detail ?? data;
  return typeof told === "string" && /^\s*[^<\s]/.test(told) ? told : error.message;
}

let asking = null; // one question for all calls that wait

function serverAnswers() {
  asking ??= askServer().finally(() => {
    asking = null;
  });
  return asking;
}

async function askServer() {
  const until = performance.now() + BACK_WITHIN_MS;
  while (performance.now() < until) {
    try {
      await stock.get(healthUrl, { timeout: PAUSES_MS[1] });
      return;
    } catch {
      await pause(PAUSES_MS[0]);
    }
  }
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

// Before its first call each cell asks Excel for the workbook's name, culture and date format, until one of them has
// the answer: ten thousand round trips if they all ask at once. Here they wait for the same answer, fetched beforehand.
function askOnce(holder, name) {
  const ask = holder?.[name];
  if (typeof ask !== "function") return;
  let answer = null;
  holder[name] = () =>
    (answer ??= ask().catch((error) => {
      answer = null;
      throw error;
    }));
}

askOnce(globalThis, "getWorkbookName");
askOnce(globalThis.xlwings, "getCultureInfoName");
askOnce(globalThis.xlwings, "getDateFormat");
Office.onReady(({ host } = {}) => {
  if (!host) return;
  for (const ask of [
    globalThis.getWorkbookName,
    globalThis.xlwings?.getCultureInfoName,
    globalThis.xlwings?.getDateFormat,
  ]) {
    ask?.().catch(() => {}); // the first cell asks again, and tells
  }
});

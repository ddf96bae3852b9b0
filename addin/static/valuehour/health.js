// Whether the server is well, asked now and then while somebody can see it.

const CALM_MS = 30_000;
const ANXIOUS_MS = 10_000; // while it does not answer
const PATIENCE_MS = 8_000;

const CHIP = {
  checking: ["○", "Checking"],
  well: ["✓", "Server is well"],
  attention: ["▲", "Look at the server"],
  down: ["✗", "No server"],
};

const byId = (id) => document.getElementById(id);

export function watchServer({ appPath, functions, version }) {
  const url = `${appPath}/valuehour/health`;
  let timer = null;
  let lastSeen = null;
  let running = null;

  // One question at a time: an answer that comes late must not take the place of a newer one.
  function check() {
    running ??= ask().finally(() => {
      running = null;
    });
  }

  async function ask() {
    clearTimeout(timer);
    const began = performance.now();
    let isDown = false;
    try {
      const response = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
      if (!response.ok) throw new Error(`it answers with status ${response.status}`);
      const health = read(await response.text());
      lastSeen = new Date();
      told(health, performance.now() - began);
    } catch (error) {
      isDown = true;
      missed(error);
    }
    set("last-call", failedCall());
    if (!document.hidden) timer = setTimeout(check, isDown ? ANXIOUS_MS : CALM_MS);
  }

  function told(health, took) {
    const loaded = health.functions.length;
    const batching = batchingText(health);
    const troubles = [];
    if (loaded < functions) troubles.push(`${functions - loaded} functions are not loaded: their cells show #VALUE!.`);
    if (!batching.isOn) troubles.push("Cells are calculated one by one: same values, but slowly on large sheets.");
    if (health.version !== version) troubles.push("The server was updated: close and reopen this pane.");
    if (troubles.length) conclude("attention", "The server answers, but", troubles);
    else conclude("well", "The server is well", []);
    set("version", health.version);
    set("loaded", `${loaded} of ${functions} loaded`);
    set("batching", batching.text);
    set("answer-time", `${Math.max(1, Math.round(took))} ms`);
    const { last_error: error } = health;
    set("last-error", error ? `${error.message} (${time(new Date(error.at))})` : "none");
    set("checked", time(lastSeen));
  }

  function missed(error) {
    const reason = error.name === "TimeoutError" ? "no answer within 8 seconds" : reasonOf(error);
    conclude("down", "The server cannot be reached", [
      "Cells keep the values they have; formulas that are recalculated meanwhile show #VALUE!.",
      `Check your network or VPN. This page tries again every ${ANXIOUS_MS / 1000} seconds (${reason}).`,
    ]);
    set("answer-time", "no answer");
    set("checked", lastSeen ? `${time(new Date())}, last reached ${time(lastSeen)}` : time(new Date()));
  }

  byId("check").addEventListener("click", check);
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : check()));
  check();
}

function conclude(state, verdict, advice) {
  const [symbol, text] = CHIP[state];
  const chip = byId("chip");
  chip.dataset.state = byId("state").dataset.state = state;
  chip.setAttribute("aria-label", `${text}. Show details`);
  set("chip-symbol", symbol);
  set("chip-text", text);
  set("verdict", `${symbol} ${verdict}`);
  set("advice", advice.join(" "));
  byId("advice").hidden = advice.length === 0;
}

function batchingText(health) {
  const client = globalThis.valuehourBatching;
  if (!health.batching) return { isOn: false, text: "off on the server" };
  if (!client) return { isOn: false, text: "its script is not loaded" };
  if (performance.now() < client.routeMissingUntil) return { isOn: false, text: "the server has no route for it" };
  const calls = `${client.calls.toLocaleString("en")} ${client.calls === 1 ? "call" : "calls"}`;
  const requests = `${client.requests.toLocaleString("en")} ${client.requests === 1 ? "request" : "requests"}`;
  return { isOn: true, text: client.calls ? `on: ${calls} in ${requests}` : "on" };
}

function failedCall() {
  const failure = globalThis.valuehourBatching?.lastFailure;
  return failure ? `${failure.name}: ${failure.message} (${time(failure.at)})` : "none";
}

function reasonOf(error) {
  return error instanceof TypeError ? "no connection" : error.message;
}

// A gateway or a page to sign in on may answer in the place of the server.
function read(text) {
  let health = null;
  try {
    health = JSON.parse(text);
  } catch {
    // told below, as any other answer that is not the server's
  }
  if (!Array.isArray(health?.functions)) throw new Error("something else answers in its place");
  return health;
}

// Only what changed is written, so that screen readers stay calm.
function set(id, text) {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}

function time(date) {
  return date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

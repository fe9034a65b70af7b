// Live blocks. A block is <section id="waiting" data-live="call_queued call_answered" data-src="/agent/blocks/waiting">.
// When a fact of such a kind happens its HTML is fetched again from data-src and swapped in: the same block,
// rendered by the same function as in the page. Typed text, focus and open <details> survive the swap.
// Optional: data-every="3" fetches at most once in so many seconds.
// After a swap the block gets the event "live:swapped". Without a connection all blocks are fetched every
// 15 seconds and the page says so.

const SLOW_MS = 15000;
const CONNECT_MS = 6000;
const notice = document.getElementById("live-notice");
const states = new WeakMap();
let hearing = false; // nudges reach this page
let answering = true; // the web answered the last time

function blocks() {
  return [...document.querySelectorAll("[data-live]")];
}

function stateOf(block) {
  if (!states.has(block)) states.set(block, { html: null, running: false, again: false, last: 0, timer: null });
  return states.get(block);
}

function wishesOf(block) {
  return block.dataset.live.split(/\s+/).filter(Boolean);
}

function say(text) {
  if (!notice) return;
  notice.hidden = !text;
  notice.textContent = text || "";
}

export function refresh(block) {
  const state = stateOf(block);
  if (state.timer) return;
  const every = Number(block.dataset.every || 0.5) * 1000;
  const wait = Math.max(0, state.last + every - Date.now());
  state.timer = setTimeout(() => { state.timer = null; fetchInto(block, state); }, wait);
}

async function fetchInto(block, state) {
  if (document.hidden) return; // all blocks are fetched when the page is looked at again
  if (state.running) { state.again = true; return; }
  state.running = true;
  state.last = Date.now();
  try {
    const response = await fetch(block.dataset.src, { headers: { "X-Live-Block": "1" }, credentials: "same-origin" });
    if (response.redirected || response.status === 401) return signedOut();
    if (response.ok) swap(block, state, await response.text());
    answering = response.ok;
  } catch {
    answering = false; // keep what is shown, say that it may be old
  } finally {
    sayHowItStands();
    state.running = false;
    if (state.again) { state.again = false; refresh(block); }
  }
}

function swap(block, state, html) {
  const plain = html.replace(/name="csrf_token" value="[^"]*"/g, ""); // signed with the time: never the same twice
  if (plain === state.html) return;
  state.html = plain;
  const kept = keep(block);
  block.innerHTML = html;
  restore(block, kept);
  block.dispatchEvent(new CustomEvent("live:swapped", { bubbles: true }));
}

function keyOf(element) {
  return element.id || (element.name ? `${element.form?.id || element.form?.action || ""}|${element.name}` : "");
}

function keep(block) {
  const typed = new Map();
  for (const input of block.querySelectorAll("input:not([type=hidden]), textarea, select")) {
    const edited = input.type === "checkbox" || input.type === "radio"
      ? input.checked !== input.defaultChecked
      : input.tagName === "SELECT" ? [...input.options].some((o) => o.selected !== o.defaultSelected)
      : input.value !== input.defaultValue;
    if (edited && keyOf(input)) typed.set(keyOf(input), { value: input.value, checked: input.checked });
  }
  const open = [...block.querySelectorAll("details[id][open]")].map((d) => d.id);
  const active = block.contains(document.activeElement) ? document.activeElement : null;
  const focus = active && { key: keyOf(active), text: active.textContent, from: active.selectionStart, to: active.selectionEnd };
  return { typed, open, focus };
}

function restore(block, { typed, open, focus }) {
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  for (const input of block.querySelectorAll("input:not([type=hidden]), textarea, select")) {
    const old = typed.get(keyOf(input));
    if (!old) continue;
    if (input.type === "checkbox" || input.type === "radio") input.checked = old.checked;
    else input.value = old.value;
  }
  if (!focus) return;
  const again = [...block.querySelectorAll("a, button, input, select, textarea, summary")]
    .find((e) => (focus.key ? keyOf(e) === focus.key : e.textContent === focus.text));
  again?.focus({ preventScroll: true });
  if (again && focus.from !== null && focus.from !== undefined) {
    try { again.setSelectionRange(focus.from, focus.to); } catch { /* not a text input */ }
  }
}

function refreshAll() {
  for (const block of blocks()) refresh(block);
}

function hears(isHearing) {
  hearing = isHearing;
  sayHowItStands();
}

function sayHowItStands() {
  if (!notice?.dataset.ended) say(hearing && answering ? "" : notice?.dataset.slow);
}

function signedOut() {
  if (!notice) return;
  notice.dataset.ended = "1";
  say(notice.dataset.signedOut);
}

function connect(url) {
  const wishes = [...new Set(blocks().flatMap(wishesOf))];
  const source = new EventSource(`${url}&kinds=${encodeURIComponent(wishes.join(","))}`);
  const tooLate = setTimeout(sayHowItStands, CONNECT_MS);
  source.addEventListener("fresh", () => { clearTimeout(tooLate); hears(true); refreshAll(); });
  source.addEventListener("stale", () => { clearTimeout(tooLate); hears(false); });
  source.addEventListener("kinds", (event) => {
    const kinds = new Set(JSON.parse(event.data));
    for (const block of blocks()) if (wishesOf(block).some((wish) => kinds.has(wish))) refresh(block);
  });
  source.onerror = () => {
    hears(false); // the browser tries again by itself, unless it was refused for good
    if (source.readyState === EventSource.CLOSED) setTimeout(() => connect(url), SLOW_MS);
  };
}

// waiting times that count up by themselves: <time data-since="epoch seconds">
function tick() {
  for (const element of document.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor(Date.now() / 1000 - Number(element.dataset.since)));
    const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (element.textContent !== text) element.textContent = text;
  }
}

if (blocks().length) {
  const url = document.body.dataset.liveUrl;
  if (url) connect(url); else sayHowItStands();
  setInterval(() => { if (!(hearing && answering)) refreshAll(); }, SLOW_MS);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refreshAll(); });
}
setInterval(tick, 1000);
document.addEventListener("live:swapped", tick);
tick();

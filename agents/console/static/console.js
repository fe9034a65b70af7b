// The ticket form while talking: suggestions as one types, drafts that outlive a reload, the call it belongs to.
// Everything here is comfort: without JavaScript the form is filled and sent as it stands.

import "./place.js";

const form = document.getElementById("ticket");
const field = (name) => form.elements.namedItem(name);
const DRAFT = `hotline-draft-${form.dataset.owner}-`;
const KEPT = ["text", "hotline", "item_code", "kind", "area_id", "place", "caller_name", "number", "contact_wish",
  "confidential", "share_contact", "on_the_phone", "reply", "shown", "form_key"];
const TYPED = ["text", "place", "number", "reply"]; // a draft is worth keeping when a person wrote one of these
const pristine = snapshot();
const pageTitle = document.title;

// --- the item -----------------------------------------------------------------------------------------

function options() {
  return [...document.querySelectorAll(`#items-${CSS.escape(field("hotline").value)} option`)];
}

function chooseItem(code, kind, hotline) {
  if (hotline) field("hotline").value = hotline;
  field("item_code").value = code;
  form.dispatchEvent(new Event("item"));
  const chosen = showItem();
  if (kind || chosen) field("kind").value = kind || chosen.dataset.kind;
  saveDraft();
}

function showItem() {
  field("item_code").setAttribute("list", `items-${field("hotline").value}`);
  const chosen = options().find((o) => o.value === field("item_code").value.trim().toUpperCase());
  const line = document.getElementById("item-name");
  const advice = chosen && (line.dataset[chosen.dataset.handler] || "");
  line.textContent = chosen ? [chosen.textContent, advice].filter(Boolean).join(" · ") : "";
  return chosen;
}

function typedItem() {
  const chosen = showItem();
  if (chosen) field("kind").value = chosen.dataset.kind;
}

// --- suggestions ---------------------------------------------------------------------------------------

const LEAST_WORTH = 0.01; // what would read 0 % only takes the eye off the others
let pause = null;
let asked = 0;

function suggestSoon() {
  clearTimeout(pause);
  pause = setTimeout(suggest, 350);
}

async function suggest() {
  const text = field("text").value.trim();
  const turn = ++asked;
  if (text.length < 2) return show({ items: [], abstained: false, shown: "", emergency: null, question: null });
  const query = new URLSearchParams({ hotline: field("hotline").value, text: text.slice(0, 500) });
  try {
    const response = await fetch(`${form.dataset.suggest}?${query}`, { headers: { Accept: "application/json" } });
    if (response.ok && turn === asked) show(await response.json());
  } catch { /* no suggestion is no error: the list of items is still there */ }
}

function show(answer) {
  showAlarm(answer.emergency);
  showSuggestions(answer);
  showQuestion(answer.question);
}

// Who must be rung before anything is written. The box is filled once an emergency, so that it is read out once.
function showAlarm(found) {
  const box = document.getElementById("alarm");
  const part = (name) => box.querySelector(`[data-part="${name}"]`);
  if (!found) return void (box.hidden = true);
  const words = found.words.join(" … ");
  if (!box.hidden && box.dataset.rule === found.rule && part("words").textContent === words) return;
  box.dataset.rule = found.rule;
  part("name").textContent = found.name;
  part("number").textContent = found.number;
  part("number").href = `tel:${found.number}`;
  part("words").textContent = words;
  part("code").textContent = part("item").dataset.itemCode = found.item_code;
  part("item").hidden = field("hotline").value !== "12345"; // its codes are those of that catalogue
  box.hidden = false;
}

function showSuggestions({ items, abstained, shown }) {
  const list = document.getElementById("suggestions");
  const worth = items.filter((item, place) => place === 0 || item.confidence >= LEAST_WORTH);
  list.replaceChildren(...worth.map((item) => {
    const sure = document.createElement("span");
    sure.className = "sure";
    sure.textContent = [`${Math.round(item.confidence * 100)}%`, ...item.words].join(" · ");
    return choice({ itemCode: item.code, itemKind: item.kind }, `${item.code} ${item.name}`, sure);
  }));
  document.getElementById("unsure").hidden = !(abstained && worth.length);
  if (worth.length) field("shown").value = shown;
}

// The one question that tells near items apart; each answer chooses its item, perhaps the other hotline's.
function showQuestion(question) {
  const box = document.getElementById("question");
  box.hidden = !question;
  if (!question) return;
  box.querySelector('[data-part="ask"]').textContent = question.ask;
  box.querySelector("ul").replaceChildren(...question.answers.map((answer) =>
    choice({ itemCode: answer.code, itemKind: answer.kind, hotline: answer.hotline }, `${answer.say} → ${answer.code}`)));
}

function choice(data, ...content) {
  const button = document.createElement("button");
  button.type = "button";
  Object.assign(button.dataset, data);
  button.append(...content);
  const row = document.createElement("li");
  row.append(button);
  return row;
}

// --- drafts: one for each call, kept in this tab only ----------------------------------------------------

function snapshot() {
  return Object.fromEntries(KEPT.map((name) => {
    const input = field(name);
    return [name, input.type === "checkbox" ? input.checked : input.value];
  }));
}

function fill(values) {
  for (const [name, value] of Object.entries(values)) {
    const input = field(name);
    if (!input) continue;
    if (input.type === "checkbox") input.checked = value;
    else input.value = value;
  }
  form.dispatchEvent(new Event("filled"));
  showItem();
  showReply();
}

function callKey() {
  return field("call_id").value || (field("callback_id").value ? `callback-${field("callback_id").value}` : "none");
}

function saveDraft() {
  const values = snapshot();
  if (TYPED.some((name) => values[name])) sessionStorage.setItem(DRAFT + callKey(), JSON.stringify(values));
  else sessionStorage.removeItem(DRAFT + callKey());
  showDrafts();
}

function loadDraft() {
  const kept = sessionStorage.getItem(DRAFT + callKey());
  if (kept) fill(JSON.parse(kept));
  showDrafts();
}

// As the page opens: a quick hand has typed before this script ran, and that is newer than any draft.
function resume() {
  const typed = Object.entries(snapshot()).filter(([name]) => !untouched(field(name)));
  loadDraft();
  fill(Object.fromEntries(typed));
  saveDraft();
}

function untouched(input) {
  if (input.type === "checkbox") return input.checked === input.defaultChecked;
  if (input.options) return input.selectedIndex === Math.max(0, [...input.options].findIndex((o) => o.defaultSelected));
  return input.value === input.defaultValue;
}

function forgetDraft() {
  sessionStorage.removeItem(DRAFT + callKey());
  showDrafts();
}

function showDrafts() {
  const line = document.getElementById("drafts");
  line.querySelectorAll("button").forEach((button) => button.remove());
  const others = Object.keys(sessionStorage)
    .filter((key) => key.startsWith(DRAFT) && key !== DRAFT + callKey())
    .map((key) => key.slice(DRAFT.length));
  for (const key of others) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.textContent = draftName(line, key);
    button.addEventListener("click", () => belongTo(key));
    line.append(button);
  }
  line.hidden = !others.length;
  document.getElementById("clear-draft").hidden = !sessionStorage.getItem(DRAFT + callKey());
}

function draftName(line, key) {
  if (key === "none") return line.dataset.none;
  return key.startsWith("callback-") ? `${line.dataset.callback} ${key.slice(9)}` : `${line.dataset.call} ${key}`;
}

// Put the form to another call (or none): what was written for the last one stays as its draft.
function belongTo(key) {
  const callback = key.startsWith("callback-");
  field("callback_id").value = callback ? key.slice(9) : "";
  field("call_id").value = callback || key === "none" ? "" : key;
  fill({ ...pristine, ...blank(), form_key: crypto.randomUUID?.() || `${Date.now().toString(16)}-${Math.random().toString(16).slice(2, 14)}` });
  loadDraft();
}

function blank() {
  return { text: "", item_code: "", kind: "", area_id: "", place: "", caller_name: "", number: "", reply: "", shown: "",
    contact_wish: "sms", confidential: false, share_contact: false, on_the_phone: false };
}

// --- the call on the line ----------------------------------------------------------------------------------

let followed = form.dataset.returned ? callOnTheLine() : ""; // once: who then chose another draft stays there

function callOnTheLine() {
  return document.querySelector("#pop [data-call]")?.dataset.call || "";
}

function followCall() {
  const pop = document.querySelector("#pop [data-call]");
  const call = callOnTheLine();
  document.title = pop?.dataset.state === "ringing" ? `☎ ${pageTitle}` : pageTitle;
  if (!call || call === followed) return;
  followed = call;
  if (call === field("call_id").value) return;
  saveDraft();
  belongTo(call);
  if (!field("item_code").value && pop.dataset.item) chooseItem(pop.dataset.item, pop.dataset.kind, pop.dataset.hotline);
  else if (!field("text").value) field("hotline").value = pop.dataset.hotline;
  if (!field("caller_name").value) field("caller_name").value = pop.dataset.name || "";
  showItem();
}

function showReply() {
  document.getElementById("reply-part").hidden = !field("on_the_phone").checked;
}

// --- start ---------------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-item-code]");
  if (button) chooseItem(button.dataset.itemCode, button.dataset.itemKind, button.dataset.hotline);
});
form.addEventListener("input", saveDraft);
form.addEventListener("change", saveDraft);
field("text").addEventListener("input", suggestSoon);
field("item_code").addEventListener("input", typedItem);
field("hotline").addEventListener("change", () => { showItem(); suggest(); });
field("on_the_phone").addEventListener("change", showReply);
document.getElementById("clear-draft").addEventListener("click", () => { forgetDraft(); belongTo(callKey()); field("text").focus(); });
document.getElementById("pop").addEventListener("live:swapped", followCall);
form.addEventListener("submit", () => {
  // the draft stays until the page that says "registered" comes back
  sessionStorage.setItem("hotline-sent", callKey());
  setTimeout(() => form.querySelectorAll("button.main").forEach((b) => { b.disabled = true; }));
});
window.addEventListener("pageshow", () => form.querySelectorAll("button.main").forEach((b) => { b.disabled = false; }));

if (form.dataset.opened) {
  const sent = sessionStorage.getItem("hotline-sent");
  if (sent) sessionStorage.removeItem(DRAFT + sent);
  sessionStorage.removeItem("hotline-sent");
  history.replaceState(null, "", location.pathname);
}
if (form.dataset.returned) saveDraft(); else resume();
if (field("text").value) suggest();
followCall();
showItem();
showReply();
showDrafts();

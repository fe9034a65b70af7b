// Reports from patrol: each is kept on this telephone first and leaves it when the house has answered for it.
// A report has its name before it is sent, so one that is sent twice is one ticket.

const form = document.getElementById("patrol");
const list = document.querySelector("#patrol-kept ol");
const KEPT = `patrol ${form.dataset.who}`;
const AT_ONCE = 50;
const PATIENCE_MS = 20_000;
const AGAIN_MS = 30_000;
let place = {};
let sending = false;

const kept = () => JSON.parse(localStorage.getItem(KEPT) || "[]");
const keep = (reports) => {
  localStorage.setItem(KEPT, JSON.stringify(reports));
  show();
};
const say = (text) => (document.getElementById("patrol-said").textContent = text);
// crypto.randomUUID is not there on plain http
const name = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

function show() {
  const reports = kept();
  list.parentElement.hidden = reports.length === 0;
  list.replaceChildren(...reports.map(line));
}

function line(report) {
  const item = document.createElement("li");
  item.textContent = `${new Date(report.seen_at).toLocaleString()} ${report.text}`;
  if (report.refused) {
    const edit = document.createElement("button");
    edit.textContent = form.dataset.saidEdit;
    edit.addEventListener("click", () => takeBack(report));
    item.append(` ${form.dataset.saidCheck}${labelOf(report.refused)} `, edit);
  }
  return item;
}

function labelOf(field) {
  const label = form.querySelector(`label[for="${field}"]`) || form.querySelector('label[for="text"]');
  return label.firstChild.textContent;
}

function takeBack(report) {
  for (const field of ["text", "kind", "area", "place", "number"]) form.elements[field].value = report[field];
  place = report.latitude === undefined ? {} : { latitude: report.latitude, longitude: report.longitude, accuracy: report.accuracy };
  keep(kept().filter((one) => one.client_id !== report.client_id));
  form.elements.text.focus();
}

function report() {
  const said = Object.fromEntries(["text", "kind", "area", "place", "number"].map((field) => [field, form.elements[field].value.trim()]));
  return { client_id: name(), seen_at: new Date().toISOString(), ...said, ...place };
}

async function send() {
  const batch = kept().filter((one) => !one.refused).slice(0, AT_ONCE);
  if (sending || batch.length === 0) return;
  sending = true;
  try {
    const answer = await fetch(form.dataset.batch, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": form.elements.csrf_token.value },
      body: JSON.stringify({ reports: batch.map(({ refused, ...told }) => told) }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (answer.ok) settle((await answer.json()).reports);
    else say(answer.status === 401 || answer.status === 400 ? form.dataset.saidSignIn : form.dataset.saidKept);
  } catch {
    say(form.dataset.saidKept); // no network, or no answer in time: it stays, and its name makes it one ticket
  } finally {
    sending = false;
  }
}

function settle(answers) {
  const by = new Map(answers.map((one) => [one.client_id, one]));
  keep(
    kept()
      .filter((one) => !by.get(one.client_id)?.ticket)
      .map((one) => (by.get(one.client_id)?.refused ? { ...one, refused: by.get(one.client_id).field } : one)),
  );
  const numbers = answers.filter((one) => one.ticket).map((one) => one.ticket);
  if (numbers.length) say(form.dataset.saidSent + numbers.join(" "));
  if (kept().some((one) => !one.refused)) setTimeout(send);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  keep([...kept(), report()]);
  form.elements.text.value = form.elements.place.value = form.elements.number.value = "";
  place = {};
  say("");
  send();
});

if (navigator.geolocation) {
  const button = document.getElementById("patrol-place");
  button.hidden = false;
  button.addEventListener("click", () => {
    say(form.dataset.saidPlacing);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        place = { latitude: coords.latitude.toFixed(6), longitude: coords.longitude.toFixed(6), accuracy: Math.round(coords.accuracy) };
        say(form.dataset.saidPlaced);
      },
      () => say(form.dataset.saidNoPlace),
      { enableHighAccuracy: true, timeout: 15_000 },
    );
  });
}

addEventListener("online", send);
setInterval(send, AGAIN_MS);
show();
send();

// One simulated handset: listens to the switch by long polls and acts on it. Used by phone.js and line.js.

const WAIT_SECONDS = 20;
const RETRY_MS = 2000;
const PAST_ALL = 999999999;

export class Handset {
  // onChange(handset, events) is called with what is new; handset is null while the switch cannot be reached.
  constructor(api, address, onChange) {
    this.url = `${api}/${encodeURIComponent(address)}`;
    this.onChange = onChange;
    this.last = 0;
    this.stopped = false;
  }

  async start() {
    while (!this.stopped) {
      try {
        await this.begin();
        while (!this.stopped) await this.listen();
      } catch {
        if (this.stopped) return;
        this.onChange(null, []);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  stop() {
    this.stopped = true;
    this.abort?.abort();
  }

  async act(deed, wishes = {}) {
    const answer = await fetch(`${this.url}/${deed}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(wishes),
    });
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.error);
    return told;
  }

  // What was said in earlier calls is over; a call that goes on is shown from where the switch remembers it.
  async begin() {
    const now = await this.ask(`after=${PAST_ALL}`);
    if (now.last < this.last) this.last = 0; // the switch was started anew
    if (this.last === 0 && now.state === "idle") this.last = now.last;
    this.onChange(now, []);
  }

  async listen() {
    const told = await this.ask(`after=${this.last}&wait=${WAIT_SECONDS}`);
    this.last = told.last;
    if (!this.stopped) this.onChange(told, told.events);
  }

  async ask(query) {
    this.abort = new AbortController();
    const answer = await fetch(`${this.url}?${query}`, { signal: this.abort.signal, cache: "no-store" });
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.error);
    return told;
  }
}

// Reads aloud what the line says, where the browser can.
export class Voice {
  constructor() {
    this.on = "speechSynthesis" in window;
  }

  say(text, language) {
    if (!this.on) return;
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.lang = language || "zh-CN";
    speechSynthesis.speak(utterance);
  }

  hush() {
    if ("speechSynthesis" in window) speechSynthesis.cancel();
  }
}

// The browser's own recogniser, where there is one; null elsewhere.
export function recogniser(language, onWords) {
  const Recognition = window.SpeechRecognition || window.webkitSpeechRecognition;
  if (!Recognition) return null;
  const recognition = new Recognition();
  recognition.lang = language;
  recognition.onresult = (event) => onWords(event.results[0][0].transcript);
  return recognition;
}

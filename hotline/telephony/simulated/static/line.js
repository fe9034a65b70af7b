// <simulated-line base="http://127.0.0.1:8002" extension="1001">: an agent's telephone on the agent's page.
// Rings, answers, hangs up; shows what both sides say. It says on its face that it is simulated.

import { Handset, Voice } from "./handset.js";

const TEXTS = {
  zh: {
    simulated: "模拟话机：没有真实通话",
    idle: "空闲",
    ringing: "来电振铃",
    calling: "呼叫中",
    in_call: "通话中",
    offline: "模拟交换机连接不上，正在重试",
    answer: "接听",
    hangUp: "挂断",
    say: "对市民说",
    send: "说",
    aloud: "朗读",
    line: "系统",
    peer: "市民",
    me: "我",
    connected: "已接通",
  },
  en: {
    simulated: "Simulated telephone: no real call",
    idle: "Idle",
    ringing: "Ringing",
    calling: "Calling",
    in_call: "In a call",
    offline: "The simulated switch cannot be reached; trying again",
    answer: "Answer",
    hangUp: "Hang up",
    say: "Say to the citizen",
    send: "Say",
    aloud: "Read aloud",
    line: "Line",
    peer: "Citizen",
    me: "Me",
    connected: "Connected",
  },
};

const STYLE = `
  :host { display: block; font: inherit; }
  * { box-sizing: border-box; }
  .face { font-size: .85em; color: #855200; background: #fdf1d8; padding: 4px 8px; border-radius: 4px; }
  .state { font-weight: 600; margin: 8px 0; }
  .state.ringing { color: #a3262a; }
  .row { display: flex; gap: 8px; flex-wrap: wrap; align-items: center; margin: 6px 0; }
  button { font: inherit; min-height: 36px; padding: 4px 14px; border-radius: 6px; border: 1px solid #8793a1;
    background: #fff; cursor: pointer; }
  button:disabled { opacity: .5; cursor: default; }
  button.answer { background: #1c6b3c; border-color: #1c6b3c; color: #fff; }
  button.hang-up { background: #a3262a; border-color: #a3262a; color: #fff; }
  input[type=text] { font: inherit; flex: 1 1 120px; min-width: 0; min-height: 36px; padding: 4px 8px; }
  ol { list-style: none; padding: 0; margin: 8px 0 0; max-height: 180px; overflow-y: auto; font-size: .93em; }
  li { padding: 2px 0; overflow-wrap: anywhere; }
  b { font-weight: 600; }
`;

class SimulatedLine extends HTMLElement {
  connectedCallback() {
    const language = document.documentElement.lang.startsWith("en") ? "en" : "zh";
    this.texts = TEXTS[language];
    this.voice = new Voice();
    this.voice.on = false;
    this.build();
    const base = this.getAttribute("base").replace(/\/$/, "");
    const address = `client:${this.getAttribute("extension")}`;
    this.handset = new Handset(`${base}/phone/api/handsets`, address, (told, events) => this.show(told, events));
    this.handset.start();
  }

  disconnectedCallback() {
    this.handset.stop();
    this.voice.hush();
  }

  build() {
    const t = this.texts;
    const root = this.shadowRoot || this.attachShadow({ mode: "open" });
    root.innerHTML = `<style>${STYLE}</style>
      <p class="face">${t.simulated}</p>
      <p class="state" role="status"></p>
      <div class="row">
        <button type="button" class="answer">${t.answer}</button>
        <button type="button" class="hang-up">${t.hangUp}</button>
        <label><input type="checkbox" class="aloud"> ${t.aloud}</label>
      </div>
      <form class="row"><input type="text" aria-label="${t.say}" placeholder="${t.say}" maxlength="500">
        <button>${t.send}</button></form>
      <ol role="log" aria-live="polite"></ol>`;
    const find = (selector) => root.querySelector(selector);
    this.parts = {
      state: find(".state"),
      answer: find(".answer"),
      hangUp: find(".hang-up"),
      form: find("form"),
      words: find("input[type=text]"),
      log: find("ol"),
    };
    this.parts.answer.onclick = () => this.act("answer");
    this.parts.hangUp.onclick = () => this.act("hang-up");
    find(".aloud").onchange = (event) => { this.voice.on = event.target.checked; };
    this.parts.form.onsubmit = (event) => {
      event.preventDefault();
      if (this.parts.words.value.trim()) this.act("speak", { text: this.parts.words.value });
      this.parts.words.value = "";
    };
  }

  async act(deed, wishes) {
    try {
      await this.handset.act(deed, wishes);
    } catch (error) {
      this.parts.state.textContent = error.message;
    }
  }

  show(told, events) {
    const state = told ? told.state : "offline";
    this.parts.state.className = `state ${state}`;
    const peer = told?.peer ? ` ${told.peer}` : "";
    this.parts.state.textContent = this.texts[state] + peer;
    this.parts.answer.disabled = state !== "ringing";
    this.parts.hangUp.disabled = state === "idle" || state === "offline";
    for (const part of this.parts.form.elements) part.disabled = state !== "in_call";
    this.dataset.state = state;
    events.forEach((event) => this.note(event));
  }

  note(event) {
    if (event.kind === "state" && event.text === "ringing") this.parts.log.replaceChildren();
    if (event.kind === "state" && event.text === "idle") this.voice.hush();
    const who = { heard: "line", peer: "peer", said: "me", connected: "connected" }[event.kind];
    if (!who) return;
    const line = document.createElement("li");
    const name = document.createElement("b");
    name.textContent = this.texts[who];
    line.append(name, event.text ? `：${event.text}` : "");
    this.parts.log.append(line);
    this.parts.log.scrollTop = this.parts.log.scrollHeight;
    if (event.kind === "heard" || event.kind === "peer") this.voice.say(event.text, event.language);
  }
}

customElements.define("simulated-line", SimulatedLine);

// The citizen's simulated telephone.

import { Handset, Voice, recogniser } from "./handset.js";

const STATES = {
  idle: "空闲 Idle",
  calling: "正在呼叫 Calling",
  ringing: "来电 Incoming call",
  in_call: "通话中 In a call",
  offline: "连接不上交换机，正在重试 The switch cannot be reached; trying again",
};
const SPEAKERS = { heard: "系统 Line", peer: "坐席 Agent", said: "我 Me", pressed: "按键 Keys" };
const MY_NUMBER = "simulated-phone-number";

const part = (id) => document.getElementById(id);
const voice = new Voice();
let handset = null;

function useNumber(number) {
  handset?.stop();
  part("log").replaceChildren();
  localStorage.setItem(MY_NUMBER, number);
  handset = new Handset(document.body.dataset.api, number, show);
  handset.start();
}

function show(told, events) {
  const state = told ? told.state : "offline";
  document.body.dataset.state = state;
  part("state").textContent = STATES[state] + (told?.peer ? ` · ${told.peer}` : "");
  const listens = told?.listens ?? [];
  part("listens").textContent = listens.length
    ? `请${listens.includes("keys") ? "按键" : ""}${listens.length > 1 ? "或" : ""}${listens.includes("speech") ? "说话" : ""}`
      + ` · ${listens.map((way) => (way === "keys" ? "press keys" : "speak")).join(" or ")}`
    : "";
  const inCall = state === "in_call";
  document.querySelectorAll("[data-dial], #other button").forEach((one) => { one.disabled = state !== "idle"; });
  document.querySelectorAll("[data-key], #speak input, #speak button").forEach((one) => { one.disabled = !inCall; });
  part("answer").disabled = state !== "ringing";
  part("hang-up").disabled = state === "idle" || state === "offline";
  part("my-number").disabled = state !== "idle" && state !== "offline";
  events.forEach(note);
}

function note(event) {
  if (event.kind === "state") {
    voice.hush();
    if (event.text === "calling" || event.text === "ringing") part("log").replaceChildren();
    if (event.text === "idle") add("state", "通话结束 The call is over");
    return;
  }
  if (event.kind === "connected") return add("state", "已接通人工坐席 Connected to an agent");
  add(event.kind, event.text);
  if (event.kind === "pressed" || event.kind === "said") voice.hush();
  else voice.say(event.text, event.language);
}

function add(kind, text) {
  const line = document.createElement("li");
  line.className = kind;
  if (SPEAKERS[kind]) {
    const who = document.createElement("b");
    who.textContent = `${SPEAKERS[kind]}：`;
    line.append(who);
  }
  line.append(text);
  part("log").append(line);
  part("log").scrollTop = part("log").scrollHeight;
}

async function act(deed, wishes) {
  part("problem").textContent = "";
  try {
    await handset.act(deed, wishes);
  } catch (error) {
    part("problem").textContent = error.message;
  }
}

function speak(text) {
  if (text.trim()) act("speak", { text });
}

document.querySelectorAll("[data-dial]").forEach((button) => {
  button.onclick = () => act("dial", { number: button.dataset.dial });
});
document.querySelectorAll("[data-key]").forEach((button) => {
  button.onclick = () => act("press", { keys: button.dataset.key });
});
part("other").onsubmit = (event) => {
  event.preventDefault();
  act("dial", { number: part("other-number").value });
};
part("answer").onclick = () => act("answer");
part("hang-up").onclick = () => act("hang-up");
part("aloud").onchange = (event) => {
  voice.on = event.target.checked;
  voice.hush();
};
part("my-number").onchange = (event) => useNumber(event.target.value.trim());
part("speak").onsubmit = (event) => {
  event.preventDefault();
  speak(part("words").value);
  part("words").value = "";
};

const ears = recogniser("zh-CN", speak);
if (ears) {
  part("microphone").hidden = false;
  part("microphone").onclick = () => ears.start();
}
part("aloud").checked = voice.on;
part("my-number").value = new URLSearchParams(location.search).get("number")
  || localStorage.getItem(MY_NUMBER) || part("my-number").value;
useNumber(part("my-number").value);

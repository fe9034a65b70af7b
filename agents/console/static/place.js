// Where it is: proposals as one types, one click or key takes one, four selects correct it.
// With this script one hidden field holds the deepest area; without it the selects are sent themselves.

const form = document.getElementById("ticket");
const part = document.getElementById("place-part");
const selects = document.getElementById("area_id");
const chosen = document.createElement("input");
chosen.type = "hidden";

function deepest() {
  return [...selects.querySelectorAll("select")].map((select) => select.value).filter(Boolean).pop() || "";
}

function takeOver() {
  selects.querySelectorAll("select").forEach((select) => select.removeAttribute("name"));
}

async function fetched(address, asked) {
  try {
    const response = await fetch(`${address}?${new URLSearchParams(asked)}`);
    return response.ok ? await response.text() : null;
  } catch {
    return null; // nothing is lost: the field says which area is sent
  }
}

// --- the area ---------------------------------------------------------------------------------------------

async function showArea() {
  const wanted = chosen.value;
  if (deepest() === wanted) return;
  const drawn = await fetched(part.dataset.areas, { area_id: wanted });
  if (drawn === null || wanted !== chosen.value) return;
  const focused = selects.contains(document.activeElement) ? document.activeElement.id : "";
  selects.innerHTML = drawn;
  takeOver();
  if (focused) document.getElementById(focused)?.focus();
}

function choose(areaId) {
  chosen.value = areaId;
  chosen.dispatchEvent(new Event("change", { bubbles: true }));
  return showArea();
}

async function corrected(select) {
  const above = select.closest(".field").previousElementSibling?.querySelector("select");
  chosen.value = select.value || above?.value || "";
  chosen.dispatchEvent(new Event("change", { bubbles: true }));
  const focused = select.id;
  const drawn = await fetched(part.dataset.areas, { area_id: chosen.value });
  if (drawn === null) return;
  selects.innerHTML = drawn;
  takeOver();
  document.getElementById(focused)?.focus();
}

// --- proposals ----------------------------------------------------------------------------------------------

let pause = null;
let asked = 0;

function proposeSoon() {
  clearTimeout(pause);
  pause = setTimeout(propose, 350);
}

async function propose() {
  const turn = ++asked;
  const [place, text] = ["place", "text"].map((name) => form.elements.namedItem(name).value.trim().slice(0, 500));
  const drawn = place || text ? await fetched(part.dataset.proposals, { place, text, area_id: chosen.value }) : "";
  if (drawn !== null && turn === asked) document.getElementById("proposals").innerHTML = drawn;
}

// --- where the citizen can go ---------------------------------------------------------------------------------

const centres = document.getElementById("centres");
let shownFor = null;

async function showCentres() {
  const asked = { area_id: chosen.value };
  for (const name of ["hotline", "item_code"]) asked[name] = form.elements.namedItem(name).value.trim();
  const wanted = (shownFor = new URLSearchParams(asked).toString());
  const drawn = await fetched(centres.dataset.src, asked);
  if (drawn !== null && wanted === shownFor) centres.innerHTML = drawn;
}

// --- start ----------------------------------------------------------------------------------------------------

chosen.value = chosen.defaultValue = deepest();
chosen.name = "area_id";
part.append(chosen);
takeOver();
document.getElementById("look-up").hidden = true;

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-area-id]");
  if (!button) return;
  event.preventDefault();
  const place = form.elements.namedItem("place");
  if (!place.value) place.value = button.dataset.place;
  choose(button.dataset.areaId);
});
selects.addEventListener("change", (event) => corrected(event.target));
for (const news of ["change", "item"]) form.addEventListener(news, showCentres);
form.addEventListener("filled", () => { showArea(); propose(); });
form.elements.namedItem("place").addEventListener("keydown", (event) => {
  const first = document.querySelector("#proposals [data-area-id]");
  if (event.key !== "Enter" || event.isComposing || !first || chosen.value === first.dataset.areaId) return;
  event.preventDefault();
  first.click();
});
for (const name of ["place", "text"]) form.elements.namedItem(name).addEventListener("input", proposeSoon);

// Keeps the list or the bubbles fresh without touching what the person is typing.
async function refresh() {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const block of document.querySelectorAll("[data-fresh]")) {
    const fresh = page.querySelector(`[data-fresh="${block.dataset.fresh}"]`);
    if (fresh && fresh.innerHTML !== block.innerHTML) block.innerHTML = fresh.innerHTML;
  }
}

setInterval(() => { if (!document.hidden) refresh().catch(() => {}); }, 1500);

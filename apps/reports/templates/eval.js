"use strict";
for (const result of document.querySelectorAll(".result")) {
  const bar = result.querySelector(".filters");
  if (!bar) continue;
  const cases = Array.from(result.querySelectorAll(".case"));
  const buttons = Array.from(bar.querySelectorAll("button"));
  const part = bar.querySelector("select");
  const count = bar.querySelector(".shown-count");
  const apply = () => {
    const wanted = new Set(buttons.filter((one) => one.getAttribute("aria-pressed") === "true").map((one) => one.dataset.outcome));
    let shown = 0;
    for (const one of cases) {
      const fits = wanted.has(one.dataset.outcome) && (!part || !part.value || one.dataset.group === part.value);
      one.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    count.textContent = `${shown} of ${cases.length}`;
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") === "true" ? "false" : "true");
      apply();
    });
  }
  if (part) part.addEventListener("change", apply);
  bar.hidden = false;
  apply();
}

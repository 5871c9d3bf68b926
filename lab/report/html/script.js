"use strict";
for (const form of document.querySelectorAll(".filters")) {
  form.hidden = false;
  const rows = form.parentElement.querySelectorAll(".ladder li");
  const boxes = [...form.querySelectorAll("input")];
  const show = () => {
    const off = { k: new Set(), n: new Set() };
    for (const box of boxes) if (!box.checked) off[box.dataset.group].add(box.value);
    for (const row of rows) {
      const of = (row.dataset.n || "").split(" ");
      row.hidden = off.k.has(row.dataset.k) || (of[0] !== "" && of.every((each) => off.n.has(each)));
    }
  };
  form.addEventListener("change", show);
  show();
  form.addEventListener("submit", (event) => event.preventDefault());
}
const reveal = () => {
  const found = location.hash && document.getElementById(location.hash.slice(1));
  if (!found) return;
  for (let at = found; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  found.scrollIntoView();
};
window.addEventListener("hashchange", reveal);
reveal();
let closed = [];
window.addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  for (const each of closed) each.open = true;
});
window.addEventListener("afterprint", () => {
  for (const each of closed) each.open = false;
});

// Keys and drafts for the inbox and the page of an item. Without this the pages do all the same.

const rows = [...document.querySelectorAll("[data-row]")];
const boxes = rows.map((row) => row.querySelector(".pick input"));
const help = document.getElementById("keys");
const picked = document.getElementById("picked");
const all = document.getElementById("all");
let here = -1;

function goTo(number) {
  if (!rows.length) return;
  rows[here]?.classList.remove("here");
  here = Math.max(0, Math.min(rows.length - 1, number));
  rows[here].classList.add("here");
  rows[here].querySelector(".what a").focus({ preventScroll: true });
  rows[here].scrollIntoView({ block: "nearest" });
}

function count() {
  const chosen = boxes.filter((box) => box?.checked).length;
  if (picked) picked.textContent = chosen ? `${chosen} selected:` : "With selected:";
  if (all) {
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && !all.checked;
  }
}

function toggle() {
  const box = boxes[here];
  if (!box) return;
  box.checked = !box.checked;
  count();
}

// A control that a key leads to: links are followed, labels choose what to write, fields get the focus.
function use(target) {
  if (target.matches("a")) return target.click();
  if (target.matches("label")) {
    target.click();
    return document.getElementById(target.dataset.then)?.focus();
  }
  // In the list it is for what is selected; where nothing is, for the item that the reader is at.
  if (rows.length && target.closest(".bulk") && !boxes.some((box) => box?.checked)) {
    if (here < 0) return;
    toggle();
  }
  target.scrollIntoView({ block: "nearest" });
  target.focus();
  if (target.matches("input")) target.select();
}

const moves = {
  j: () => goTo(here + 1),
  k: () => goTo(here - 1),
  Enter: () => rows[here]?.querySelector(".what a").click(),
  x: toggle,
  "?": () => help?.showModal(),
};

document.addEventListener("keydown", (event) => {
  const at = event.target instanceof Element ? event.target : document.body;
  if (event.ctrlKey || event.metaKey || event.altKey || help?.open) return;
  if (event.key === "Escape" && at.matches("input, textarea, select")) return at.blur();
  if (at.matches("textarea, select, input:not([type=checkbox], [type=radio])")) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target && !moves[event.key]) return;
  // What already does something by itself goes on doing it.
  if (event.key === "Enter" && at.matches("a, button, summary, input")) return;
  if (!target && !rows.length && event.key !== "?") return;
  event.preventDefault();
  if (target) use(target);
  else moves[event.key]();
});

for (const [number, row] of rows.entries()) {
  row.addEventListener("focusin", () => {
    rows[here]?.classList.remove("here");
    here = number;
    row.classList.add("here");
  });
}
for (const box of boxes) box?.addEventListener("change", count);
if (all) {
  all.parentElement.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    count();
  });
}
for (const button of document.querySelectorAll("[data-help]")) {
  button.hidden = false;
  button.addEventListener("click", () => help.showModal());
}
// A choice of a list shows at once.
for (const select of document.querySelectorAll(".narrow select")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}
// Fields that say nothing would only make the address long.
document.querySelector(".narrow")?.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (!value) formData.delete(name);
});
count();

// What is typed stays in this tab until the server has it: a lost connection or a closed page loses nothing.
function stored(act) {
  try {
    return act(sessionStorage);
  } catch {
    return null;
  }
}
for (const form of document.querySelectorAll("[data-draft]")) {
  const text = form.querySelector("textarea");
  const name = form.dataset.draft;
  if (!text) continue;
  if (document.querySelector("[data-done]")) {
    if (stored((store) => store.getItem(`sent ${name}`))) stored((store) => store.removeItem(name));
  }
  stored((store) => store.removeItem(`sent ${name}`));
  if (!text.value) text.value = stored((store) => store.getItem(name)) ?? "";
  text.addEventListener("input", () => stored((store) => store.setItem(name, text.value)));
  form.addEventListener("submit", () => stored((store) => store.setItem(`sent ${name}`, "yes")));
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
}
// Times in the reader's own zone, on hovering.
for (const time of document.querySelectorAll("main time[datetime]")) {
  time.title = new Date(time.dateTime).toLocaleString();
}

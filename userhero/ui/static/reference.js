// The reference page: filter, where the reader is, one language for all examples, coloured code.

const contents = document.getElementById("contents");
const filter = document.getElementById("filter");
const entries = [...contents.querySelectorAll("li > a")].map((link) => {
  const target = document.getElementById(link.hash.slice(1));
  const path = target?.querySelector(".endpoint code")?.textContent ?? "";
  return { link, item: link.parentElement, target, text: `${link.textContent} ${path}`.toLowerCase() };
});

function applyFilter() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const { item, text } of entries) item.hidden = !words.every((word) => text.includes(word));
  for (const section of contents.querySelectorAll("section, .overview")) {
    section.hidden = section.querySelector("li:not([hidden])") === null;
  }
  document.getElementById("no-match").hidden = entries.some(({ item }) => !item.hidden);
}

function focusFilter(event) {
  const typing = event.target instanceof Element && event.target.closest("input, textarea, select");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  if (getComputedStyle(contents).display === "none") contents.showPopover();
  filter.focus();
}

function onFilterKey(event) {
  if (event.key === "Enter") entries.find(({ item }) => !item.hidden)?.link.click();
  if (event.key === "Escape" && filter.value) {
    event.preventDefault();
    filter.value = "";
    applyFilter();
  }
}

document.getElementById("filter-box").hidden = false;
filter.addEventListener("input", applyFilter);
filter.addEventListener("keydown", onFilterKey);
document.addEventListener("keydown", focusFilter);
contents.addEventListener("click", (event) => {
  if (event.target.closest("a") && contents.matches(":popover-open")) contents.hidePopover();
});

// Where the reader is: the last entry whose target begins near the top of the window.
let current = null;
function markCurrent() {
  const line = 160;
  const above = entries.filter(({ target }) => target && target.getBoundingClientRect().top < line);
  const link = above.reduce(
    (best, entry) =>
      best && best.target.getBoundingClientRect().top > entry.target.getBoundingClientRect().top ? best : entry,
    null,
  )?.link;
  if (link === current) return;
  current?.removeAttribute("aria-current");
  link?.setAttribute("aria-current", "location");
  current = link;
  if (link && contents.scrollHeight > contents.clientHeight && !contents.contains(document.activeElement)) {
    link.scrollIntoView({ block: "nearest" });
  }
}
let waiting = false;
addEventListener(
  "scroll",
  () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      markCurrent();
    });
  },
  { passive: true },
);
markCurrent();

// One choice of language for the whole page, remembered.
function chooseLanguage(language, anchor) {
  const before = anchor?.getBoundingClientRect().top;
  for (const radio of document.querySelectorAll(".tabs > input")) radio.checked = radio.value === language;
  if (anchor) scrollBy({ top: anchor.getBoundingClientRect().top - before, behavior: "instant" });
}
document.addEventListener("change", ({ target }) => {
  if (!target.matches(".tabs > input")) return;
  chooseLanguage(target.value, target.parentElement);
  try {
    localStorage.setItem("language", target.value);
  } catch {
    // Where storage is forbidden the choice lasts as long as the page.
  }
});
try {
  const language = localStorage.getItem("language");
  if (document.querySelector(`.tabs > input[value="${CSS.escape(language ?? "")}"]`)) chooseLanguage(language);
} catch {
  // The first language it is.
}

// Colours for code as ranges over the text: nothing is added to the document. Browsers without it show plain text.
const TOKEN =
  /(?<comment>^#.*$)|(?<name>"(?:[^"\\]|\\.)*"(?=\s*:))|(?<string>"(?:[^"\\]|\\.)*"|'[^']*')|(?<word>\b(?:import|const|await|new|if|throw|true|false|null|True|False|None)\b|(?<=\s)-{1,2}\w+)|(?<number>(?<![\w.])-?\d+(?:\.\d+)?(?![\w.]))/gm;

function colour(block) {
  const text = block.firstChild;
  if (!text) return;
  for (const match of text.data.matchAll(TOKEN)) {
    const kind = Object.keys(match.groups).find((name) => match.groups[name] !== undefined);
    const range = new StaticRange({
      startContainer: text,
      startOffset: match.index,
      endContainer: text,
      endOffset: match.index + match[0].length,
    });
    if (!CSS.highlights.has(kind)) CSS.highlights.set(kind, new Highlight());
    CSS.highlights.get(kind).add(range);
  }
}

if (CSS.highlights) {
  const near = new IntersectionObserver(
    (seen) => {
      for (const { isIntersecting, target } of seen) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        colour(target);
      }
    },
    { rootMargin: "600px" },
  );
  for (const block of document.querySelectorAll("pre > code")) near.observe(block);
}
